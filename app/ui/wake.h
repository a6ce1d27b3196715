/// Ending the main loop's sleep.
#pragma once

namespace convlens {

/// Makes the main loop draw a frame. From any thread.
void wake_window();

}  // namespace convlens
