/// Decoding of image files (PNG, JPEG, BMP, TGA, PSD, PNM, HDR) and encoding of PNG.
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

/// Largest number of pixels of an image; larger images are rejected before anything is allocated for them (0.8 GB as
/// float RGB).
inline constexpr std::size_t max_picture_pixels = std::size_t{1} << 26;

/// The properties of an image file according to its header.
struct PictureInfo {
    std::string format;  ///< "PNG", "JPEG", "BMP", "TGA", "PSD", "PNM", "HDR".
    int width = 0;       ///< Width as displayed, after applying the EXIF orientation.
    int height = 0;
    int channels = 0;     ///< As stored: 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha.
    int bits = 8;         ///< Per channel: 8, 16, or 32 for HDR.
    int orientation = 1;  ///< EXIF orientation, 1..8; 1 if there is none.
};

/// A decoded image, upright.
struct Picture {
    PictureInfo info;
    Tensor color;              ///< (1, 3, height, width), RGB in [0,1] as matplotlib's imread gives it (value / 255 or
                               ///< value / 65535); gray is repeated three times; HDR is linear, may exceed 1.
    std::vector<float> alpha;  ///< height*width values in [0,1], row by row; empty if the file has no alpha.
};

/// Reads only the header of an image file. `name` is used in messages.
Expected<PictureInfo> inspect_picture(std::span<const std::byte> file, std::string_view name);

/// Decodes an image. Fails with one sentence that begins with `name` if the file is not an image or is a GIF (which is
/// not supported), if the image has no pixels, more than max_picture_pixels, or a side over 32768 (checked before
/// memory is allocated), or if the data is truncated or corrupt.
Expected<Picture> decode_picture(std::span<const std::byte> file, std::string_view name);

/// Decodes the file at `path`, which may be inside a zip archive (see read_part()).
Expected<Picture> load_picture(const std::filesystem::path& path);

/// Returns the bytes of a PNG file of `image` (8-bit RGBA, or RGB if every pixel is opaque). Returns an empty vector
/// for an image without pixels or with more than 2^29 pixels, which stb_image_write can't count.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace convlens
