/// Wakes the main loop, which sleeps while nothing happens.
#pragma once

namespace convlens {

/// Makes the main loop draw a frame soon. May be called on any thread.
void wake_window();

}  // namespace convlens
