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

/// What the header of an image file says.
struct PictureHeader {
    PictureInfo info;            ///< Width and height as stored, before the EXIF orientation is applied.
    std::size_t data_begin = 0;  ///< PNM and HDR only: offset of the first pixel in bytes.
    int max_value = 255;         ///< PNM only: the stored value that means 1.0, from 1 to 65535.
};

/// An image format: functions that recognize and check its files before a decoder reads them. The argument `name` is
/// the name of the file in messages.
struct PictureFormat {
    const char* name;  ///< Name of the format, as in PictureInfo::format: "PNG".
    /// Returns true if the file begins like a file of this format.
    bool (*recognizes)(std::span<const std::byte> file);
    /// Returns the header of a recognized file.
    Expected<PictureHeader> (*read_header)(std::span<const std::byte> file, std::string_view name);
    /// Fails for a file that is truncated, or corrupt in a way that the decoder would not notice. The image size in
    /// `header` has been checked against the limits.
    Expected<void> (*check_data)(std::span<const std::byte> file, const PictureHeader& header, std::string_view name);
};

/// PNG (https://www.w3.org/TR/png-3) with the orientation from its eXIf chunk.
extern const PictureFormat png_format;
/// JPEG (ITU-T T.81) with the orientation from its EXIF segment.
extern const PictureFormat jpeg_format;
/// Windows BMP without compression: 1, 4, 8, 16, 24 or 32 bits per pixel.
extern const PictureFormat bmp_format;
/// Truevision TGA. The format has no signature: a file is recognized by a header in which every field is plausible.
extern const PictureFormat tga_format;
/// Photoshop PSD in RGB, 8 or 16 bits per channel; the merged image that it contains.
extern const PictureFormat psd_format;
/// Binary PGM and PPM (https://netpbm.sourceforge.net/doc).
extern const PictureFormat pnm_format;
/// Radiance HDR (RGBE pixels).
extern const PictureFormat hdr_format;

/// Returns width times height. The size has been checked against the limits, so the product does not overflow.
std::size_t pixels_of(const PictureInfo& info);

/// Returns the Error for an image file of `found` bytes whose header and pixels need at least `needed` bytes.
tl::unexpected<Error> too_short(std::string_view name, const PictureInfo& info, std::size_t needed, std::size_t found);

/// Returns the orientation, 1..8, in EXIF data that begins with "Exif\0\0"; 1 if there is none.
int exif_orientation(std::span<const std::byte> exif);

/// Returns the unpacked planes of a Photoshop file, one after another: red, green, blue and, if header.info has four
/// channels, alpha. Values of two bytes are big-endian. Fails if the data is truncated, corrupt or compressed in
/// another way than by run lengths.
Expected<std::vector<std::byte>> unpack_psd(std::span<const std::byte> file, const PictureHeader& header,
                                            std::string_view name);

/// Returns the unpacked pixels of a Radiance file, row by row, four bytes each: red, green, blue, exponent. Fails if
/// the data is truncated or corrupt.
Expected<std::vector<std::byte>> unpack_hdr(std::span<const std::byte> file, const PictureHeader& header,
                                            std::string_view name);

}  // namespace convlens
