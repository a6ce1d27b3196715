/// Errors of the X server about windows of other programs.
#pragma once

namespace convlens {

/// Ignores BadWindow errors, where Xlib would end the program: a window of another program may disappear while it asks
/// for the clipboard. All other errors go to the handler that was set before. Does nothing without X11. GLFW resets the
/// handler when it makes a window: call this before each poll of events, on the main thread.
void ignore_lost_windows();

}  // namespace convlens
