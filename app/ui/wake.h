/// Wakes the main loop.
#pragma once

namespace convlens {

/// Makes the main loop draw a frame. May be called on any thread.
void wake_window();

}  // namespace convlens
