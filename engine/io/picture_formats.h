/// Image formats: recognition, headers and checks before the pixels are decoded.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/image_file.h"

namespace convlens {

/// The contents of an image file's header. No pixel has been read.
struct PictureHeader {
    PictureInfo info;            ///< Width and height as stored, before the EXIF orientation is applied.
    std::size_t data_begin = 0;  ///< PNM, HDR: offset of the first pixel.
    int max_value = 255;         ///< PNM: the value that represents 1.
};

/// An image format: how its files are recognized, and what is checked before a decoder reads them.
struct PictureFormat {
    const char* name;
    bool (*recognizes)(std::span<const std::byte> file);
    Expected<PictureHeader> (*read_header)(std::span<const std::byte> file, std::string_view name);
    /// Fails for a file that is truncated, or corrupt in a way that the decoder would not notice. The image size in
    /// `header` has been checked against the limits.
    Expected<void> (*check_data)(std::span<const std::byte> file, const PictureHeader& header, std::string_view name);
};

/// PNG (https://www.w3.org/TR/png-3) with the orientation from its eXIf chunk.
extern const PictureFormat png_format;
/// JPEG (ITU-T T.81) with the orientation from its EXIF segment.
extern const PictureFormat jpeg_format;
extern const PictureFormat bmp_format;
/// Truevision TGA, which has no signature: recognized by a header that is plausible in every field.
extern const PictureFormat tga_format;
extern const PictureFormat psd_format;
/// Binary PGM and PPM (https://netpbm.sourceforge.net/doc).
extern const PictureFormat pnm_format;
/// Radiance RGBE.
extern const PictureFormat hdr_format;

/// Returns width times height. The size has been checked against the limits, so the product does not overflow.
std::size_t pixels_of(const PictureInfo& info);

/// Returns the error for a file of `found` bytes whose pixels need `needed` bytes.
tl::unexpected<Error> too_short(std::string_view name, const PictureInfo& info, std::size_t needed, std::size_t found);

/// Returns the orientation, 1..8, in EXIF data that begins with "Exif\0\0"; 1 if there is none.
int exif_orientation(std::span<const std::byte> exif);

/// Returns the planes of a Photoshop file, one after another: red, green, blue and, if there are four channels, alpha.
/// Values of two bytes are big-endian.
Expected<std::vector<std::byte>> unpack_psd(std::span<const std::byte> file, const PictureHeader& header,
                                            std::string_view name);

/// Returns the pixels of a Radiance file, four bytes each: red, green, blue, exponent.
Expected<std::vector<std::byte>> unpack_hdr(std::span<const std::byte> file, const PictureHeader& header,
                                            std::string_view name);

}  // namespace convlens
