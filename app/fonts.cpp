/// Search for a typeface.
#include "app/fonts.h"

#include <algorithm>
#include <array>

namespace convlens {
namespace {

/// In order of preference: Debian's fonts-inter, fonts-roboto, fonts-dejavu-core.
constexpr std::array<const char*, 6> font_files{
    "/usr/share/fonts/opentype/inter/Inter-Regular.otf",
    "/usr/share/fonts/truetype/inter/Inter-Regular.ttf",
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/roboto/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/roboto/hinted/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
};

}  // namespace

std::filesystem::path find_font() {
    std::error_code ignored;
    const auto found = std::find_if(font_files.begin(), font_files.end(),
                                    [&](const char* f) { return std::filesystem::exists(f, ignored); });
    return found == font_files.end() ? std::filesystem::path() : std::filesystem::path(*found);
}

const Typeface& export_typeface() {
    static const Typeface typeface(find_font());
    return typeface;
}

}  // namespace convlens
