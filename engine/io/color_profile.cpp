/// Conversion of colors by Little CMS.
#include "engine/io/color_profile.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/io/byte_reader.h"
#include "engine/io/decoder_library.h"

#ifdef CONVLENS_LCMS2
#include <lcms2.h>
#endif

namespace convlens {

bool is_srgb(std::span<const std::byte> profile) {
    if (profile.empty()) return true;
    // The description is ASCII in version 2 and UTF-16 in version 4; it comes before the curves and tables.
    using namespace std::string_view_literals;
    const std::string_view text = text_of(profile.first(std::min<std::size_t>(profile.size(), 4096)));
    const auto has = [&](std::string_view ascii, std::string_view wide) {
        return text.find(ascii) != text.npos || text.find(wide) != text.npos;
    };
    return has("sRGB"sv, "s\0R\0G\0B"sv) && !has("inear"sv, "i\0n\0e\0a\0r"sv) && !has("-g10"sv, "-\0g\0001\0000"sv);
}

#ifdef CONVLENS_LCMS2

const bool has_color_profiles = true;

namespace {

struct ColorLibrary : DecoderLibrary {
    ColorLibrary() : DecoderLibrary(CONVLENS_LCMS2) {}
    CONVLENS_FUNCTION(cmsOpenProfileFromMem);
    CONVLENS_FUNCTION(cmsCreate_sRGBProfile);
    CONVLENS_FUNCTION(cmsCloseProfile);
    CONVLENS_FUNCTION(cmsGetColorSpace);
    CONVLENS_FUNCTION(cmsCreateTransform);
    CONVLENS_FUNCTION(cmsDoTransform);
    CONVLENS_FUNCTION(cmsDeleteTransform);
};

ColorLibrary& library() {
    static ColorLibrary opened;
    return opened;
}

using Profile = std::unique_ptr<void, void (*)(cmsHPROFILE)>;

Profile owned(cmsHPROFILE profile) {
    return {profile, [](cmsHPROFILE p) { library().cmsCloseProfile(p); }};
}

/// Converts row by row. `channels` is 1 for a gray profile, otherwise 3.
template <class Sample>
void convert(Picture& picture, cmsHTRANSFORM transform, std::size_t channels, float largest) {
    const auto width = static_cast<std::size_t>(picture.info.width);
    std::vector<Sample> stored(width * channels), converted(width * 3);
    const std::span<float> planes[] = {picture.color.plane(0, 0), picture.color.plane(0, 1), picture.color.plane(0, 2)};
    for (std::size_t begin = 0; begin < planes[0].size(); begin += width) {
        for (std::size_t c = 0; c < channels; ++c)
            for (std::size_t x = 0; x < width; ++x)
                stored[x * channels + c] =
                    static_cast<Sample>(std::lround(std::clamp(planes[c][begin + x], 0.0F, 1.0F) * largest));
        library().cmsDoTransform(transform, stored.data(), converted.data(), static_cast<cmsUInt32Number>(width));
        for (std::size_t c = 0; c < 3; ++c)
            for (std::size_t x = 0; x < width; ++x)
                planes[c][begin + x] = static_cast<float>(converted[x * 3 + c]) / largest;
    }
}

}  // namespace

void prepare_color_profiles() { library(); }

bool convert_to_srgb(Picture& picture, std::span<const std::byte> profile) {
    ColorLibrary& l = library();
    if (!l.complete() || picture.info.bits > 16 || profile.empty()) return false;
    const Profile from = owned(l.cmsOpenProfileFromMem(profile.data(), static_cast<cmsUInt32Number>(profile.size())));
    const Profile to = owned(l.cmsCreate_sRGBProfile());
    if (!from || !to) return false;
    const bool gray = picture.info.channels < 3, wide = picture.info.bits == 16;
    if (l.cmsGetColorSpace(from.get()) != (gray ? cmsSigGrayData : cmsSigRgbData)) return false;
    const cmsUInt32Number stored = gray ? (wide ? TYPE_GRAY_16 : TYPE_GRAY_8) : (wide ? TYPE_RGB_16 : TYPE_RGB_8);
    const std::unique_ptr<void, void (*)(cmsHTRANSFORM)> transform(
        l.cmsCreateTransform(from.get(), stored, to.get(), wide ? TYPE_RGB_16 : TYPE_RGB_8, INTENT_PERCEPTUAL, 0),
        [](cmsHTRANSFORM t) { library().cmsDeleteTransform(t); });
    if (!transform) return false;
    const std::size_t channels = gray ? 1 : 3;
    if (wide)
        convert<std::uint16_t>(picture, transform.get(), channels, 65535.0F);
    else
        convert<std::uint8_t>(picture, transform.get(), channels, 255.0F);
    return true;
}

#else

const bool has_color_profiles = false;
void prepare_color_profiles() {}
bool convert_to_srgb(Picture& /*picture*/, std::span<const std::byte> /*profile*/) { return false; }

#endif

}  // namespace convlens
