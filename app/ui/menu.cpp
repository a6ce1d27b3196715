/// The menu bar, the command palette and the help, all made from the table of actions.
#include "app/ui/menu.h"

#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_internal.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cfloat>

#include "app/ui/actions.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/widgets/fuzzy.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/printable.h"

namespace convlens {
namespace {

/// State of the command palette.
struct PaletteView {
    std::string typed;  ///< The query.
    int chosen = 0;     ///< Index into the matching actions.
};

/// An action whose title matches the query, in the current language or in English, which has no positions then.
struct Found {
    const Action* action;
    FuzzyMatch match;
};

/// Returns the actions whose titles match, best match first.
std::vector<Found> matching(const std::string& typed) {
    std::vector<Found> found;
    for (const Action& action : actions()) {
        if (auto match = fuzzy_match(typed, tr(action.title)))
            found.push_back({&action, std::move(*match)});
        else if (const auto english = fuzzy_match(typed, action.title))
            found.push_back({&action, {english->score, {}}});
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.match.score > b.match.score; });
    return found;
}

/// Draws a line of the palette: the title with matching letters underlined, the menu and the shortcut. Returns true if
/// it was clicked.
bool palette_line(Frame& f, const Found& found, bool chosen, bool moved) {
    const Action& action = *found.action;
    ImGui::BeginDisabled(!action.enabled(f));
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const bool pressed = ImGui::Selectable(fmt::format("##{}", action.id).c_str(), chosen);
    f.map.mark(fmt::format("palette.{}", action.id));
    if (chosen && moved) ImGui::SetScrollHereY();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImU32 foreground = ImGui::GetColorU32(action.enabled(f) ? ImGuiCol_Text : ImGuiCol_TextDisabled);
    const char* const title = tr(action.title);
    draw.AddText(at, foreground, title);
    for (const std::size_t i : found.match.positions) {
        std::size_t next = i + 1;
        while ((static_cast<unsigned char>(title[next]) & 0xC0U) == 0x80U) ++next;  // a letter of several bytes
        const float x0 = at.x + ImGui::CalcTextSize(title, title + i).x;
        const float x1 = at.x + ImGui::CalcTextSize(title, title + next).x;
        const float y = at.y + ImGui::GetFontSize();
        draw.AddLine({x0, y}, {x1, y}, accent(), std::max(1.0F, ImGui::GetFontSize() / 12));
    }
    const std::string keys = to_string(action.chords[0]);
    const std::string menu = tr(menu_titles[static_cast<std::size_t>(action.menu)]);
    const float right = at.x + ImGui::GetContentRegionAvail().x;
    draw.AddText({right - ImGui::CalcTextSize(keys.c_str()).x, at.y}, foreground, keys.c_str());
    draw.AddText({right - ImGui::GetFontSize() * 11, at.y}, ImGui::GetColorU32(ImGuiCol_TextDisabled), menu.c_str());
    ImGui::EndDisabled();
    return pressed;
}

void palette(Frame& f) {
    auto& p = f.states.of<PaletteView>();
    const float em = ImGui::GetFontSize();
    if (begin_overlay("palette", em * 34, em * 24)) {
        ImGui::SetNextItemWidth(-1);
        if (ImGui::IsWindowAppearing()) ImGui::SetKeyboardFocusHere();
        const int before = p.chosen;
        // Letters that are typed before the field has the keyboard focus are added to the query, too.
        if (!ImGui::GetIO().WantTextInput)
            for (const ImWchar c : ImGui::GetIO().InputQueueCharacters) {
                char letter[5] = {};
                if (!is_hidden(c)) p.typed += ImTextCharToUtf8(letter, c);
            }
        if (ImGui::InputTextWithHint("##what", tr("search for a command"), &p.typed)) p.chosen = 0;
        f.map.mark("palette.typed");
        const auto found = matching(p.typed);
        const int last = static_cast<int>(found.size()) - 1;
        if (key_pressed(ImGuiKey_DownArrow, true)) ++p.chosen;
        if (key_pressed(ImGuiKey_UpArrow, true)) --p.chosen;
        p.chosen = std::clamp(p.chosen, 0, std::max(last, 0));
        const bool moved = p.chosen != before;
        const bool entered = key_pressed(ImGuiKey_Enter, false) || key_pressed(keypad_enter, false);
        const Action* run = nullptr;
        ImGui::BeginChild("list");
        const bool mouse = ImGui::GetIO().MouseDelta.x != 0 || ImGui::GetIO().MouseDelta.y != 0;
        ImGui::PushStyleColor(ImGuiCol_HeaderHovered,
                              mouse ? ImGui::GetStyleColorVec4(ImGuiCol_HeaderHovered) : ImVec4(0, 0, 0, 0));
        for (int i = 0; i <= last; ++i) {
            const Found& line = found[static_cast<std::size_t>(i)];
            if (palette_line(f, line, i == p.chosen, moved) || (entered && i == p.chosen && line.action->enabled(f)))
                run = line.action;
            if (mouse && ImGui::IsItemHovered()) p.chosen = i;
        }
        ImGui::PopStyleColor();
        if (found.empty()) ImGui::TextDisabled("%s", tr("No command matches."));
        ImGui::EndChild();
        close_when_left(f);
        if (run) {
            f.view.overlay = nullptr;
            convlens::run(f, *run);
        }
    }
    end_overlay();
}

void help(Frame& f) {
    const float em = ImGui::GetFontSize();
    if (begin_overlay("help", em * 62, em * 40)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted(tr("Keyboard and mouse"));
        ImGui::PopFont();
        ImGui::TextDisabled(
            "%s", tr("Press Esc to close. Every command is also in the menus and in the command palette (Ctrl+P)."));
        const int columns = ImGui::GetWindowWidth() > em * 50 ? 3 : ImGui::GetWindowWidth() > em * 34 ? 2 : 1;
        if (ImGui::BeginTable("keys", columns)) {
            ImGui::TableNextColumn();
            section("MOUSE");
            constexpr Word mouse[][2] = {{"Point at a cell", "same position in all channels"},
                                         {"Click a cell", "select channel, pin value"},
                                         {"Wheel", "zoom, or scroll rows"},
                                         {"Ctrl+wheel", "always zoom"},
                                         {"Drag", "pan the grid"},
                                         {"Click a kernel", "select its channel"},
                                         {"Double-click", "enlarge cell, edit number"},
                                         {"Right-click", "reset number to default"},
                                         {"Drop files", "open them"}};
            float column = em * 8;
            for (const auto& [what, does] : mouse)
                column = std::max(column, ImGui::CalcTextSize(tr(what)).x + em * 1.5F);
            for (const auto& [what, does] : mouse) {
                ImGui::TextUnformatted(tr(what));
                ImGui::SameLine(column);
                ImGui::PushTextWrapPos(0);
                ImGui::TextDisabled("%s", tr(does));
                ImGui::PopTextWrapPos();
            }
            float chords = em * 6.5F;
            for (const Action& action : actions())
                chords = std::max(chords, ImGui::CalcTextSize(to_string(action.chords[0]).c_str()).x + em * 1.5F);
            // Three columns of similar length.
            for (const Menu menu : {Menu::file, Menu::edit, Menu::kernels, Menu::layer, Menu::view, Menu::lecture,
                                    Menu::help, Menu::grid}) {
                if (menu == Menu::kernels || menu == Menu::grid) ImGui::TableNextColumn();
                section(upper_case(tr(menu_titles[static_cast<std::size_t>(menu)])).c_str());
                for (const Action& action : actions()) {
                    if (action.menu != menu) continue;
                    ImGui::TextUnformatted(to_string(action.chords[0]).c_str());
                    ImGui::SameLine(chords);
                    ImGui::PushTextWrapPos(0);
                    ImGui::TextDisabled("%s", tr(action.title));
                    ImGui::PopTextWrapPos();
                }
            }
            ImGui::EndTable();
        }
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace

void menu_bar(Frame& f) {
    if (!ImGui::BeginMainMenuBar()) return;
    // On a narrow screen the titles are closer to each other.
    const ImVec2 spacing = ImGui::GetStyle().ItemSpacing;
    const bool narrow = ImGui::GetWindowWidth() < 30 * ImGui::GetFontSize();
    ImGui::PushStyleVar(ImGuiStyleVar_ItemSpacing, {narrow ? spacing.x / 2 : spacing.x, spacing.y});
    for (std::size_t m = 0; m < menu_titles.size(); ++m) {
        // A menu that is higher than the window scrolls below the menu bar, instead of covering it.
        const float room = ImGui::GetIO().DisplaySize.y - ImGui::GetFrameHeight();
        ImGui::SetNextWindowSizeConstraints({0, 0}, {FLT_MAX, std::max(room, 4 * ImGui::GetFrameHeight())});
        if (ImGui::BeginMenu(tr_label(menu_titles[m]).c_str())) {
            for (const Action& action : actions()) {
                if (static_cast<std::size_t>(action.menu) != m) continue;
                if (ImGui::MenuItem(tr_label(action.title).c_str(), to_string(action.chords[0]).c_str(), false,
                                    action.enabled(f)))
                    run(f, action);
                f.map.mark(fmt::format("menu.{}", action.id));
            }
            ImGui::EndMenu();
        }
        f.map.mark(fmt::format("menu.{}", menu_titles[m]));
    }
    const char* hint = tr("Ctrl+P: command palette");
    const float at = ImGui::GetWindowWidth() - ImGui::CalcTextSize(hint).x - 2 * ImGui::GetStyle().WindowPadding.x;
    if (at > ImGui::GetCursorPosX()) {
        ImGui::SameLine(at);
        ImGui::TextDisabled("%s", hint);
    }
    ImGui::PopStyleVar();
    ImGui::EndMainMenuBar();
}

void open_palette(Frame& f) {
    f.states.of<PaletteView>() = {};
    f.view.overlay = &palette_overlay;
}

const Overlay palette_overlay{.draw = palette, .letters = true};
const Overlay help_overlay{.draw = help};

}  // namespace convlens
