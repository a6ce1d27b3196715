/// Decoding of image files and encoding of PNG.
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

/// Maximum number of pixels of an image: 2^26, which take 0.8 GB as float RGB. Larger images are rejected before memory
/// is allocated.
inline constexpr std::size_t max_picture_pixels = std::size_t{1} << 26;

/// The properties of an image file according to its header.
struct PictureInfo {
    std::string format;  ///< Name of the format: "PNG", as in the table in image_file.cpp.
    int width = 0;       ///< Width as displayed, after applying the EXIF orientation.
    int height = 0;      ///< Height as displayed.
    int channels = 0;    ///< Of the decoded pixels: 1 gray, 2 gray + alpha, 3 RGB (also if the file has a palette or is
                         ///< CMYK), 4 RGB + alpha.
    int bits = 8;        ///< Per channel of the decoded pixels: 8 (also if the file has fewer), 16, or 32 for floats.
    int orientation = 1;     ///< EXIF orientation, 1..8; 1 if there is none, or if the decoder follows it.
    bool converted = false;  ///< Whether the colors were converted to sRGB from a color profile in the file.
};

/// A decoded image, rotated upright according to its EXIF orientation.
struct Picture {
    PictureInfo info;
    Tensor color;  ///< (1, 3, height, width), RGB in [0,1]: value / 255 or value / 65535, as matplotlib's imread()
                   ///< reads a PNG. Gray is repeated three times. HDR is linear and may exceed 1.
    CountedVector<float> alpha;  ///< height*width values in [0,1], row by row; empty if the file has no alpha.
};

/// Returns the properties of an image from the header of its file, without decoding the pixels. `name` is the name of
/// the file in messages. Fails if decode_picture() would fail because of the format or the size of the image.
Expected<PictureInfo> inspect_picture(std::span<const std::byte> file, std::string_view name);

/// Returns the formats that this build reads: "PNG, JPEG or GIF".
std::string picture_formats_in_words();

/// Decodes an image file; of an animation, its first image. Fails with one sentence that begins with `name`: if the
/// file has more than 1 GiB or is not an image of a format that this build reads; if the image has no pixels, more than
/// max_picture_pixels, or a side over 32768 (checked before memory is allocated); if the data is truncated or corrupt;
/// or if the machine is out of memory.
Expected<Picture> decode_picture(std::span<const std::byte> file, std::string_view name);

/// Decodes the image file at `path`, which may be inside a zip archive, as in "a.zip/cat.png". Fails like read_part()
/// and decode_picture().
Expected<Picture> load_picture(const std::filesystem::path& path);

/// Returns `image` as the bytes of a PNG file: 8-bit RGB if every pixel is opaque, otherwise RGBA. Returns an empty
/// vector for an image without pixels, and if 4 * pixels + height is 2^31 or more, because stb_image_write counts bytes
/// in an int. Throws std::bad_alloc if there is not enough memory.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace convlens
