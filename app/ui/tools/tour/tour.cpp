/// The tour: six callouts over the controls of the window, shown once on the first start.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <utility>

#include "app/settings.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "app/web/page.h"

namespace convlens {
namespace {

/// One callout.
struct Callout {
    const char* control;  ///< The control that it points to, as in the UI map.
    Word title;
    Word text;
};

constexpr std::array<Callout, 6> callouts{{
    {"open", "1 of 6: An image",
     "Open an image, drop one on the window, or paste one with Ctrl+V. Samples and test patterns are here, too."},
    {"bank.edges", "2 of 6: Kernels",
     "Choose kernels: filters for edges, random ones, or those of AlexNet's first layer. Train them in the tab Train."},
    {"stride", "3 of 6: The layer",
     "Drag stride, padding or dilation. Everything follows at once, and Ctrl+Z undoes every change."},
    {"grid", "4 of 6: Every output channel",
     "Each cell is the output of one kernel. Hover over a value to see what it is the sum of; click to pin it; scroll "
     "to zoom."},
    {"tool.microscope", "5 of 6: Tools",
     "The tabs explain one value, slide the window over the image, show what a channel responds to, and compare "
     "two kernels or backends."},
    {"menu.Lecture", "6 of 6: Lectures",
     "F5 starts the lecture that comes with Convlens; Page Down goes on. Ctrl+P finds every command, and ? lists all "
     "keys."},
}};

/// State of the tool.
struct TourView {
    int at = -1;          ///< Index of the callout on screen; -1: none.
    bool looked = false;  ///< Whether it was decided if the tour starts by itself.
    ImVec2 size{};        ///< Of the last callout, in pixels.
};

void end_tour(Frame& f) {
    f.states.of<TourView>().at = -1;
    f.map.watch({});
    if (f.settings.toured) return;
    f.settings.toured = true;
    keep_settings(f);
}

// clang-format off
constexpr Action rows[] = {
    {"tour", "Tour of the window", Menu::help, {{}}, [](const Frame&) { return true; }, [](Frame& f) { f.states.of<TourView>().at = 0; }},
};
// clang-format on

/// Starts the tour on the first start, when there is something to see. A page in a browser is often opened by a link in
/// slides, which it would cover: there it starts only from the menu.
void poll(Frame& f) {
    auto& v = f.states.of<TourView>();
    if (v.looked || !f.shown) return;
    v.looked = true;
    if (!f.settings.toured && !f.view.presenting && !in_browser) v.at = 0;
}

/// Returns the place of a callout of `size` beside `control`: on the side with the most room, and beside the panel on
/// the left if the control is in it, so that the callout covers no other control of that panel.
ImVec2 beside(const Area& control, ImVec2 size, ImVec2 window, float gap) {
    const float left = control.x, right = window.x - control.x - control.w, above = control.y,
                below = window.y - control.y - control.h;
    const bool top = control.y + control.h < 4 * ImGui::GetFrameHeight();  // menus and tabs, whose row stays visible
    const float most = top ? below : std::max({left, right, above, below});
    ImVec2 at{control.x + control.w / 2 - size.x / 2, control.y + control.h / 2 - size.y / 2};
    if (!top && most == right)
        at.x =
            std::max(control.x + control.w,
                     control.y > ImGui::GetFrameHeight() ? std::min(ImGui::GetFontSize() * 18, window.x * 0.29F) : 0) +
            gap;
    else if (!top && most == left)
        at.x = control.x - gap - size.x;
    else if (most == below)
        at.y = control.y + control.h + gap;
    else
        at.y = control.y - gap - size.y;
    return {std::clamp(at.x, gap, std::max(gap, window.x - size.x - gap)),
            std::clamp(at.y, gap, std::max(gap, window.y - size.y - gap))};
}

/// Draws a frame around `place`, but not over the callout at `box`.
void frame_around(const Area& place, ImVec2 box, ImVec2 size) {
    ImDrawList& draw = *ImGui::GetForegroundDrawList();
    const ImVec2 window = ImGui::GetIO().DisplaySize, end{box.x + size.x, box.y + size.y};
    const std::pair<ImVec2, ImVec2> around[] = {{{0, 0}, {window.x, box.y}},
                                                {{0, end.y}, window},
                                                {{0, box.y}, {box.x, end.y}},
                                                {{end.x, box.y}, {window.x, end.y}}};
    for (const auto& [from, to] : around) {
        draw.PushClipRect(from, to);
        draw.AddRect({place.x - 2, place.y - 2}, {place.x + place.w + 2, place.y + place.h + 2}, accent(),
                     ImGui::GetFontSize() / 4, 0, hairline() * 3);
        draw.PopClipRect();
    }
}

/// Draws the callout and a frame around its control.
void over(Frame& f) {
    auto& v = f.states.of<TourView>();
    if (v.at < 0 || f.view.presenting || f.view.overlay) return;
    const Callout& c = callouts[static_cast<std::size_t>(v.at)];
    f.map.watch(c.control);
    const ImVec2 window = ImGui::GetIO().DisplaySize;
    const float em = ImGui::GetFontSize(), gap = em * 0.7F;
    // A control that is not on screen, as the tabs in a narrow window, has no frame.
    const auto control = f.map.watched();
    const Area place = control.value_or(Area{window.x / 2, window.y / 2, 0, 0});
    ImGui::SetNextWindowPos(control ? beside(place, v.size, window, gap)
                                    : ImVec2{(window.x - v.size.x) / 2, (window.y - v.size.y) / 2});
    ImGui::SetNextWindowSize({std::min(em * 22, window.x - 2 * gap), 0});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, {em, em * 0.8F});
    ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, hairline() * 2);
    ImGui::PushStyleColor(ImGuiCol_Border, accent());
    ImGui::Begin("tour", nullptr,
                 ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                     ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoFocusOnAppearing |
                     ImGuiWindowFlags_NoScrollbar);
    ImGui::TextColored(ImGui::ColorConvertU32ToFloat4(accent()), "%s", tr(c.title));
    ImGui::TextWrapped("%s", tr(c.text));
    const bool last = v.at + 1 == static_cast<int>(callouts.size());
    const bool goes_on =
        button(f, "tour.next", last ? "Done" : "Next", last ? "Ends the tour" : "Goes to the next part");
    bool ends = goes_on && last;
    if (!last) {
        ImGui::SameLine();
        ends = button(f, "tour.skip", "Skip", "Ends the tour. Help > Tour of the window shows it again") || ends;
    }
    v.size = ImGui::GetWindowSize();
    const ImVec2 box = ImGui::GetWindowPos();
    ImGui::End();
    ImGui::PopStyleColor();
    ImGui::PopStyleVar(2);
    if (control) frame_around(place, box, v.size);
    if (goes_on) ++v.at;
    if (ends) end_tour(f);
    if (goes_on) f.requests.redraw = true;  // the next control is found in the next frame
}

void report(Frame& f) { f.map.state("tour", std::to_string(f.states.of<TourView>().at)); }

}  // namespace

extern const Tool tour_tool;  // the table of tools, app/ui/tools.cpp, has the other declaration
const Tool tour_tool{.id = "tour", .actions = rows, .poll = poll, .over = over, .report = report};

}  // namespace convlens
