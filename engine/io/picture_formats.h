/// Image formats: recognition, headers, checks before the pixels are decoded, and decoders.
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
    /// `header` has been checked against the limits. Null if `decode` notices everything.
    Expected<void> (*check_data)(std::span<const std::byte> file, const PictureHeader& header, std::string_view name);
    /// Decodes a file that has been checked. May throw std::bad_alloc.
    Expected<Picture> (*decode)(std::span<const std::byte> file, const PictureHeader& header, std::string_view name);
    /// Opens the decoder's library. Set for a format that is decoded in a child process: this function is called there,
    /// before the process is confined and reads the file.
    void (*prepare)() = nullptr;
    /// Decodes a frame of an animation, counted from 0; null if the format has none, or no such function.
    Expected<Picture> (*decode_frame)(std::span<const std::byte> file, const PictureHeader& header, int frame,
                                      std::string_view name) = nullptr;
    /// What a build without this format lacks, null if it has it: "libwebp (Debian's package libwebp-dev)". Then only
    /// `name` and `recognizes` are set.
    const char* missing = nullptr;
    /// Returns the color profile in a recognized file, empty if there is none; null if profiles of this format are not
    /// followed.
    std::vector<std::byte> (*profile)(std::span<const std::byte> file) = nullptr;
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
/// GIF (https://www.w3.org/Graphics/GIF/spec-gif89a.txt): the first image of an animation.
extern const PictureFormat gif_format;
/// WebP (https://developers.google.com/speed/webp/docs/riff_container), decoded by libwebp: the first image of an
/// animation, with the orientation from its EXIF chunk.
extern const PictureFormat webp_format;
/// TIFF 6, decoded by libtiff: the first image of the file, with its orientation.
extern const PictureFormat tiff_format;
/// HEIC and AVIF (ISO/IEC 23008-12), decoded by libheif: the primary image, upright by its own transforms.
extern const PictureFormat heic_format, avif_format;
/// JPEG XL (ISO/IEC 18181), decoded by libjxl: the first image of an animation, with its orientation.
extern const PictureFormat jpeg_xl_format;
/// OpenEXR (https://openexr.com/en/latest/OpenEXRFileLayout.html), decoded by OpenEXRCore: R, G, B or Y, and A, of the
/// first part of a file.
extern const PictureFormat exr_format;

/// Returns width times height. The size has been checked against the limits, so the product does not overflow.
std::size_t pixels_of(const PictureInfo& info);

/// Returns the Error for an image file of `found` bytes whose header and pixels need at least `needed` bytes.
tl::unexpected<Error> too_short(std::string_view name, const PictureInfo& info, std::size_t needed, std::size_t found);

/// Returns the orientation, 1..8, in EXIF data, with or without "Exif\0\0" before it; 1 if there is none.
int exif_orientation(std::span<const std::byte> exif);

/// Fails if a picture of this size is empty, too large, or needs more than half of the memory limit.
Expected<void> check_size(const PictureInfo& info, std::string_view name);

/// Calls PictureFormat::prepare of the file's format, if it has one.
void prepare_decoder(std::span<const std::byte> file);

/// Instead of the number of a frame: only the header is wanted.
inline constexpr int header_only = -1;

/// Decodes a file in this process, whatever its format. The caller has called prepare_decoder(). `frame` is the number
/// of a frame, 0 for a still picture; for header_only, the picture has no pixels, and its width and height are as
/// displayed. `convert`: whether a color profile is followed.
Expected<Picture> decode_picture_here(std::span<const std::byte> file, std::string_view name, int frame, bool convert);

/// Decodes a frame of a file, as decode_picture() decodes the first.
Expected<Picture> decode_frame(std::span<const std::byte> file, std::string_view name, int frame);

/// Returns how long each frame of an animated WebP is shown, in milliseconds; empty for a still picture.
std::vector<int> webp_delays(std::span<const std::byte> file);

/// Decodes PNG, JPEG, BMP and TGA with stb_image, as PictureFormat::decode.
Expected<Picture> decode_with_stb(std::span<const std::byte> file, const PictureHeader& header, std::string_view name);

}  // namespace convlens
