/// The typeface in the assets.
#include "app/fonts.h"

#include "app/assets.h"

namespace convlens {

std::filesystem::path find_font() {
    const std::filesystem::path file = find_assets() / "fonts" / "Inter-Regular.otf";
    std::error_code ignored;
    return std::filesystem::exists(file, ignored) ? file : std::filesystem::path();
}

const Typeface& export_typeface() {
    static const Typeface typeface(find_font());
    return typeface;
}

}  // namespace convlens
