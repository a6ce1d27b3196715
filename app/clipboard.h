/// Copying pictures to the system's clipboard.
#pragma once

#include <cstddef>
#include <span>

#include "engine/core/result.h"

namespace convlens {

/// Passes a PNG to wl-copy (Wayland) or xclip (X11), a separate process that holds it until something else is copied.
/// Waits until the process has read the bytes, so it must not be called on the main thread. Fails if wl-copy or xclip
/// is missing or exits with an error. On Windows puts it on the clipboard as PNG and as a bitmap with alpha, and fails
/// if another program keeps the clipboard open.
Expected<void> copy_picture(std::span<const std::byte> png);

}  // namespace convlens
