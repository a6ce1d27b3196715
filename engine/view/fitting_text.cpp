/// Truncation of text by whole characters.
#include "engine/view/fitting_text.h"

namespace convlens {

std::string fitting_text(std::string text, float room, const std::function<float(const std::string&)>& width) {
    if (width(text) <= room) return text;
    const auto continues = [&] {
        return (static_cast<unsigned char>(text.back()) & 0xC0U) == 0x80U;
    };  // a UTF-8 continuation byte
    while (!text.empty() && width(text + "...") > room) {
        while (text.size() > 1 && continues()) text.pop_back();
        text.pop_back();
    }
    return text + "...";
}

}  // namespace convlens
