/// Frames of GIF files (https://www.w3.org/Graphics/GIF/spec-gif89a.txt).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"

namespace convlens {

/// One image of a GIF, not decoded. Spans refer to the bytes of the file.
struct GifFrame {
    Rect area;  ///< Place on the canvas, in pixels. It may reach beyond the canvas; such pixels are not drawn.
    std::span<const std::byte> palette;  ///< Red, green and blue of each color.
    std::optional<int> transparent;      ///< Index of the color that leaves the canvas as it is.
    bool interlaced = false;             ///< Whether rows are stored in four passes.
    int disposal = 0;            ///< What happens to the area before the next frame: 2 clears it, 3 restores it.
    int delay = 0;               ///< Time on screen, in hundredths of a second; 0 if the file names none.
    std::size_t data_begin = 0;  ///< Offset of the compressed indices, in bytes.
};

/// The images of a GIF and the size of its canvas, in pixels.
struct Gif {
    int width = 0;
    int height = 0;
    std::vector<GifFrame> frames;  ///< At least one.
};

/// Returns true if the file begins like a GIF.
bool is_gif(std::span<const std::byte> file);

/// Returns the first `most` images of a GIF. Fails for a file that is corrupt or ends before its first image, or whose
/// image has more than max_picture_pixels. A file that ends after a complete image is read up to there.
Expected<Gif> read_gif(std::span<const std::byte> file, std::string_view name, std::size_t most);

/// Draws the pixels of a frame on the canvas, which keeps the colors below transparent ones. Fails if the compressed
/// data is corrupt or ends early; the canvas is unchanged then.
Expected<void> draw_frame(std::span<const std::byte> file, const GifFrame& frame, Image& canvas, std::string_view name);

}  // namespace convlens
