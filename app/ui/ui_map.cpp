/// Writes the UI map.
#include "app/ui/ui_map.h"

#include <fmt/format.h>
#include <imgui.h>
#include <imgui_internal.h>

#include <filesystem>
#include <fstream>
#include <utility>

#include "app/web/page.h"
#include "engine/core/printable.h"

namespace convlens {

void UiMap::mark(std::string_view id) {
    if ((!enabled() && id != watched_id_) || !ImGui::IsItemVisible()) return;
    const ImVec2 a = ImGui::GetItemRectMin(), b = ImGui::GetItemRectMax();
    mark(id, a.x, a.y, b.x, b.y);
    if (!enabled()) return;
    const bool hovered = ImGui::IsItemHovered();
    const bool clicked = hovered && (ImGui::IsMouseClicked(0) || ImGui::IsMouseClicked(1));
    const bool only_shown = ImGui::GetItemID() == 0;  // such as a picture: the mouse on it may show more
    note_use(id, clicked || (only_shown && hovered) || ImGui::IsItemActivated() || ImGui::IsItemEdited());
}

void UiMap::action(std::string_view id, bool used) {
    if (enabled()) note_use(fmt::format("action.{}", id), used);
}

void UiMap::note_use(std::string_view id, bool used) {
    const auto at = used_.find(id);
    if (at != used_.end() && (at->second || !used)) return;
    used_[std::string(id)] = used;
    used_changed_ = true;
}

void UiMap::mark(std::string_view id, float x0, float y0, float x1, float y1) {
    if (!id.empty() && id == watched_id_) watched_ = Area{x0, y0, x1 - x0, y1 - y0};
    if (enabled()) lines_[std::string(id)] = fmt::format("{} {:.0f} {:.0f} {:.0f} {:.0f}\n", id, x0, y0, x1, y1);
}

void UiMap::watch(std::string_view id) {
    if (id != watched_id_) watched_.reset();
    watched_id_ = id;
}

void UiMap::state(std::string_view key, std::string value) {
    if (enabled()) lines_["= " + std::string(key)] = fmt::format("= {} {}\n", key, printable(value));
}

void UiMap::write_frame() {
    if (!enabled()) return;
    std::string text;
    for (const auto& [key, line] : lines_) text += line;
    text += fmt::format("frame {}\n", ++frame_);
    lines_.clear();
    if constexpr (in_browser) return page::publish_map(text);
    if (std::exchange(used_changed_, false)) write_used();
    const std::string temporary = file_ + ".tmp";
    std::ofstream file(std::filesystem::path(temporary), std::ios::binary);
    file << text;
    file.close();
    std::error_code ignored;  // on Windows a reader may have the file open
    if (file) std::filesystem::rename(temporary, file_, ignored);
}

void UiMap::write_used() {
    std::ofstream file(std::filesystem::path(file_ + ".used"), std::ios::binary);
    for (const auto& [id, used] : used_) file << (used ? "+ " : "- ") << id << "\n";
}

}  // namespace convlens
