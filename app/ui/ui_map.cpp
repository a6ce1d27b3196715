/// Writes the UI map.
#include "app/ui/ui_map.h"

#include <fmt/format.h>
#include <imgui.h>

#include <filesystem>
#include <fstream>

#include "app/web/page.h"

namespace convlens {

void UiMap::mark(std::string_view id) {
    if (!enabled() || !ImGui::IsItemVisible()) return;
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    mark(id, a.x, a.y, b.x, b.y);
}

void UiMap::mark(std::string_view id, float x0, float y0, float x1, float y1) {
    if (enabled()) lines_[std::string(id)] = fmt::format("{} {:.0f} {:.0f} {:.0f} {:.0f}\n", id, x0, y0, x1, y1);
}

void UiMap::state(std::string_view key, std::string value) {
    if (enabled()) lines_["= " + std::string(key)] = fmt::format("= {} {}\n", key, value);
}

void UiMap::write_frame() {
    if (!enabled()) return;
    std::string text;
    for (const auto& [key, line] : lines_) text += line;
    text += fmt::format("frame {}\n", ++frame_);
    lines_.clear();
    if constexpr (in_browser) return page::publish_map(text);
    const std::string temporary = file_ + ".tmp";
    std::ofstream file(std::filesystem::path(temporary), std::ios::binary);
    file << text;
    file.close();
    std::error_code ignored;  // on Windows a reader may have the file open
    if (file) std::filesystem::rename(temporary, file_, ignored);
}

}  // namespace convlens
