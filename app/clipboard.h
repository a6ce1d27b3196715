/// Copies images to the system's clipboard, and reads images and texts from it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

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

/// What the clipboard holds: an image, or else a text.
struct Clipped {
    std::vector<std::byte> picture;  ///< The bytes of an image file; empty if there is a text.
    std::string text;                ///< UTF-8; for files that were copied in a file manager, their URLs, one a line.
};

/// Reads the clipboard. Must not be called on the main thread, because it may wait for other programs, or for this one.
/// Linux: asks wl-paste or xclip and waits at most three seconds for each answer. Fails if the program is missing, and
/// if the clipboard holds neither an image nor a text, or more than 256 MiB. Windows: images that are there as PNG,
/// texts and names of files. macOS and browser: always fails.
Expected<Clipped> read_clipboard();

}  // namespace convlens
