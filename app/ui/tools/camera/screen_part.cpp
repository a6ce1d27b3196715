/// Draws the picture of the screen, on which the mouse draws a region, and the region's numbers.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

constexpr int shortest_drawn = 8;  ///< Side of a region in pixels of the screen, so that a click draws none.

/// Draws the region while the mouse is pressed on the picture. `scale` is the width of a pixel of the screen.
void follow(CameraView& v, ImVec2 at, float scale) {
    if (!ImGui::IsItemActive()) return v.corner.reset();
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const auto pixel = [&](float to, float from, int pixels) {
        return std::clamp(static_cast<int>(std::floor((to - from) / scale)), 0, pixels);
    };
    const std::array<int, 2> now{pixel(mouse.x, at.x, v.screen->size.w), pixel(mouse.y, at.y, v.screen->size.h)};
    if (ImGui::IsItemActivated()) v.corner = now;
    if (!v.corner) return;
    const auto [x0, x1] = std::minmax((*v.corner)[0], now[0]);
    const auto [y0, y1] = std::minmax((*v.corner)[1], now[1]);
    if (x1 - x0 >= shortest_drawn && y1 - y0 >= shortest_drawn) set_region(v, {x0, y0, x1 - x0, y1 - y0});
}

void picture(Frame& f, CameraView& v) {
    const float width = std::max(ImGui::GetContentRegionAvail().x, 32.0F),
                scale = width / static_cast<float>(v.screen->size.w);
    const ImVec2 at = ImGui::GetCursorScreenPos(),
                 size{width, std::max(1.0F, scale * static_cast<float>(v.screen->size.h))};
    ImGui::InvisibleButton("screen", size);
    f.map.mark("screen.picture");
    follow(v, at, scale);
    if (!ImGui::IsItemActive())
        tooltip("The screen when you looked at it: drag over the part that the grid is to follow, beside this window");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(f.textures.of(v.screen->image)), at, {at.x + size.x, at.y + size.y});
    const auto x = [&](int pixel) { return at.x + scale * static_cast<float>(pixel); };
    const auto y = [&](int pixel) { return at.y + scale * static_cast<float>(pixel); };
    const Rect& r = v.region;
    draw.AddRect({x(r.x), y(r.y)}, {x(r.x + r.w), y(r.y + r.h)}, accent(), 0, 0, 2 * hairline());
}

void numbers(Frame& f, CameraView& v) {
    const auto number = [&](const char* name, const char* id, int Rect::*member, int lowest, int highest, int initial,
                            const char* tooltip_text) {
        label(name, tooltip_text);
        Rect region = v.region;
        number_field(f, id, region.*member, lowest, highest, initial, tooltip_text);
        if (!(region == v.region)) set_region(v, region);
    };
    const Size2 screen = v.screen->size;
    number("left", "screen.left", &Rect::x, 0, screen.w - 1, 0,
           "Column of the screen at which the region begins, counted from 0");
    number("top", "screen.top", &Rect::y, 0, screen.h - 1, 0,
           "Row of the screen at which the region begins, counted from 0");
    number("width", "screen.width", &Rect::w, 1, screen.w, 640, "Width of the region, in pixels of the screen");
    number("height", "screen.height", &Rect::h, 1, screen.h, 480, "Height of the region, in pixels of the screen");
}

}  // namespace

void screen_part(Frame& f) {
    auto& v = f.states.of<CameraView>();
    section("SCREEN");
    if (!v.no_screen.empty()) ImGui::TextWrapped("%s: %s.", tr("screen"), v.no_screen.c_str());
    if (!v.screen) {
        if (button(f, "screen.look", "Look at the screen",
                   "Takes a picture of the screen, to choose a part of it that the grid is to follow"))
            look_at_screen(v);
        return;
    }
    picture(f, v);
    numbers(f, v);
    if (!v.camera) {
        if (button(f, "screen.start", "Screen on",
                   "Lets this part of the screen be the input: the grid follows. Nothing is recorded"))
            start_screen(f, v);
        same_line_if_fits(button_width("New picture"));
    }
    if (button(f, "screen.again", "New picture", "Takes a picture of the screen again")) look_at_screen(v);
}

}  // namespace convlens
