/// Color profiles (ICC.1) in images: finding them, and converting colors to sRGB with Little CMS.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/io/image_file.h"

namespace convlens {

/// Whether this build can convert colors; if not, or if Little CMS is not installed, they stay as they are stored.
extern const bool has_color_profiles;

/// Largest size of a profile in bytes; larger ones are ignored.
inline constexpr std::size_t max_profile_bytes = std::size_t{4} << 20U;

/// Returns true if colors with this profile need no conversion: it is empty, or its names say that it is sRGB.
bool is_srgb(std::span<const std::byte> profile);

/// Opens Little CMS, if it is installed. Called before a process that decodes pictures is confined.
void prepare_color_profiles();

/// Converts the colors of a picture of 8 or 16 bits to sRGB (perceptual intent), and rounds them to as many bits.
/// Returns false and leaves the picture as it is if Little CMS is missing, if the profile is corrupt, or if it is not
/// one for the channels of the picture. May throw std::bad_alloc.
bool convert_to_srgb(Picture& picture, std::span<const std::byte> profile);

/// Returns the profile in a PNG (chunk iCCP) or a JPEG (APP2 segments, ICC.1, annex B.4); empty if it has none.
std::vector<std::byte> png_profile(std::span<const std::byte> file);
std::vector<std::byte> jpeg_profile(std::span<const std::byte> file);

}  // namespace convlens
