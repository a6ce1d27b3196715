/// Text that Dear ImGui's sliders take as a format.
#pragma once

#include <string>
#include <string_view>

namespace convlens {

/// Returns the format of printf that writes `text`, in which a % must not begin a number.
inline std::string slider_format(std::string_view text) {
    std::string format;
    for (const char c : text) format.append(c == '%' ? 2 : 1, c);
    return format;
}

}  // namespace convlens
