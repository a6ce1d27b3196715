/// Copies images to the system's clipboard.
#pragma once

#include <cstddef>
#include <span>

#include "engine/core/result.h"

namespace convlens {

/// Copies an image to the clipboard; `png` has the bytes of a PNG file. Must not be called on the main thread, because
/// it may wait for other programs.
/// Linux: passes the bytes to wl-copy (Wayland) or xclip (X11), a separate process that keeps them until something else
/// is copied, and waits until it has read them. Fails if the program is missing or exits with an error.
/// Windows: stores the image as PNG and as a bitmap with alpha. Fails if another program keeps the clipboard open.
/// Browser: asks the browser to copy; if the browser refuses, only its console reports it.
/// macOS: always fails.
Expected<void> copy_picture(std::span<const std::byte> png);

}  // namespace convlens
