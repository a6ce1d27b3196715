/// Pictures in (PNG, JPEG, BMP, TGA, PSD, PNM, HDR by stb_image) and PNG out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// Pictures with more pixels than this are refused before anything is allocated for them (0.8 GB as float
/// RGB).
inline constexpr std::size_t max_picture_pixels = std::size_t{1} << 26;

/// What a picture file says of itself.
struct PictureInfo {
    std::string format;  ///< "PNG", "JPEG", "BMP", "TGA", "PSD", "PNM", "HDR".
    int width = 0;       ///< As shown: after the EXIF orientation is applied.
    int height = 0;
    int channels = 0;     ///< As stored: 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha.
    int bits = 8;         ///< Per channel: 8, 16, or 32 for HDR.
    int orientation = 1;  ///< EXIF orientation, 1..8; 1 where there is none.
};

/// A decoded picture, upright.
struct Picture {
    PictureInfo info;
    Tensor color;              ///< (1, 3, height, width), RGB in [0,1] as matplotlib's imread gives it (value / 255 or
                               ///< value / 65535); gray is repeated three times; HDR is linear, may exceed 1.
    std::vector<float> alpha;  ///< height*width in [0,1], row by row; empty when the file has no alpha.
};

/// Reads the header only. `name` is used in messages.
Expected<PictureInfo> inspect_picture(std::span<const std::byte> file, std::string_view name);

/// Decodes a picture. Fails in one sentence that begins with `name` for: not a picture; GIF (not read, says
/// so); 0 x 0; more than max_picture_pixels or a side over 32768 (before it is allocated); truncated or
/// corrupt data.
Expected<Picture> decode_picture(std::span<const std::byte> file, std::string_view name);

/// decode_picture() of the file at `path`, which may lead into a zip archive, as for read_part().
Expected<Picture> load_picture(const std::filesystem::path& path);

/// The bytes of a PNG of `image` (8-bit RGBA, or RGB where every pixel is opaque); none for an image without
/// pixels or with more than 2^29, which stb_image_write can't count.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace convlens
