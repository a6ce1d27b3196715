/// Pictures on the system's clipboard.
#pragma once

#include <cstddef>
#include <span>

#include "engine/core/result.h"

namespace convlens {

/// Hands a PNG to wl-copy (Wayland) or xclip (X11), a process of its own that keeps it until something else is copied.
/// Waits for it to take the bytes: not for the main thread. Fails in a sentence when the program is missing or refuses.
Expected<void> copy_picture(std::span<const std::byte> png);

}  // namespace convlens
