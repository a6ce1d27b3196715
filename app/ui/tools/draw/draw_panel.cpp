/// Draws the drawing pad: the choice of the brush, the canvas, and what changes all of it.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/draw/draw.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

Rgba paper_of(const DrawView& v) { return v.light_paper ? Rgba{255, 255, 255, 255} : Rgba{0, 0, 0, 255}; }

Rgba ink_of(const DrawView& v) {
    if (v.mode == DrawMode::eraser) return paper_of(v);
    const auto byte = [](float value) { return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 1.0F) * 255 + 0.5F); };
    if (v.in_color) return {byte(v.color[0]), byte(v.color[1]), byte(v.color[2]), 255};
    const auto gray = static_cast<std::uint8_t>(std::clamp(v.gray, 0, 255));
    return {gray, gray, gray, 255};
}

/// Makes `image` the input, as an undo step of its own.
void replace(Frame& f, Image image) {
    put_drawing(f, std::move(image));
    f.requests.step = true;
}

/// Draws the choice of the brush.
void brush_rows(Frame& f, DrawView& v) {
    struct Mode {
        const char *id, *title, *tooltip_text;
    };
    constexpr std::array<Mode, 4> modes{{{"draw.brush", "Brush", "Draws freely while the mouse button is held"},
                                         {"draw.eraser", "Eraser", "Paints the color of the paper"},
                                         {"draw.line", "Line", "Draws a straight line from press to release"},
                                         {"draw.fill", "Fill", "Fills an area of equal color with a click"}}};
    for (std::size_t i = 0; i < modes.size(); ++i) {
        if (i > 0) same_line_if_fits(button_width(modes[i].title));
        if (tab(f, modes[i].id, modes[i].title, modes[i].tooltip_text, v.mode == static_cast<DrawMode>(i)))
            v.mode = static_cast<DrawMode>(i);
    }
    label("brush size", "Diameter of the brush, in pixels of the drawing");
    number_field(f, "brush size", v.diameter, 1, 64, 3, "Diameter of the brush, in pixels of the drawing");
    check_row(f, "color", v.in_color, "Draws in a color; otherwise in a gray");
    if (v.in_color) {
        ImGui::SetNextItemWidth(-1);
        ImGui::ColorEdit3("##color", v.color);
        f.map.mark("draw.color");
        tooltip("Color of the brush: click the field to choose one, or type red, green and blue");
    } else {
        label("gray", "Brightness of the brush, from black (0) to white (255)");
        number_field(f, "gray level", v.gray, 0, 255, 255, "Brightness of the brush, from black (0) to white (255)");
    }
}

/// Follows the mouse on the canvas: one active widget, so that a stroke is one undo step.
void follow(Frame& f, DrawView& v, const std::shared_ptr<const Image>& canvas, ImVec2 at, float scale) {
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const DrawPoint now{(mouse.x - at.x) / scale, (mouse.y - at.y) / scale};
    if (!ImGui::IsItemActive()) {
        v.before.reset();
        return;
    }
    const bool begins = ImGui::IsItemActivated();
    if (begins) {
        v.before = canvas;
        v.begin = v.last = now;
    }
    if (!v.before || (!begins && now == v.last)) return;
    const auto diameter = static_cast<float>(v.diameter);
    if (v.mode == DrawMode::fill) {
        if (!begins) return;
        Image image = *canvas;
        fill_area(image, static_cast<int>(std::floor(now.x)), static_cast<int>(std::floor(now.y)), ink_of(v));
        put_drawing(f, std::move(image));
    } else {
        const bool line = v.mode == DrawMode::line;
        Image image = line ? *v.before : *canvas;
        draw_stroke(image, line ? v.begin : v.last, now, diameter, ink_of(v));
        put_drawing(f, std::move(image));
    }
    v.last = now;
}

void canvas(Frame& f, DrawView& v, const std::shared_ptr<const Image>& image) {
    const float room = std::max(ImGui::GetContentRegionAvail().x, 32.0F);
    const float longest = static_cast<float>(std::max(image->width, image->height));
    // Whole pixels of the screen per pixel of the drawing, where there is room for two.
    const float fits = room / longest, scale = fits >= 2 ? std::floor(fits) : fits;
    const ImVec2 size{static_cast<float>(image->width) * scale, static_cast<float>(image->height) * scale};
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton("canvas", size);
    f.map.mark("draw.canvas");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(f.textures.of(image)), at, {at.x + size.x, at.y + size.y});
    draw.AddRect({at.x - 1, at.y - 1}, {at.x + size.x + 1, at.y + size.y + 1}, ImGui::GetColorU32(ImGuiCol_Border));
    follow(f, v, image, at, scale);
    if (!ImGui::IsItemHovered()) return;
    const float radius = std::max(static_cast<float>(v.diameter) * scale / 2, 2.0F);
    if (v.mode != DrawMode::fill) draw.AddCircle(ImGui::GetIO().MousePos, radius, accent(), 0, hairline());
    if (!ImGui::IsItemActive())
        tooltip(tr_format("{} x {} pixels; draw with the left mouse button, Ctrl+Z undoes a stroke", image->width,
                          image->height)
                    .c_str());
}

/// Draws the buttons that change the whole drawing.
void whole(Frame& f, DrawView& v, const Image& image) {
    if (button(f, "draw.clear", "Clear", "Paints everything in the color of the paper"))
        replace(f, Image(image.width, image.height, paper_of(v)));
    same_line_if_fits(button_width("Invert"));
    if (button(f, "draw.invert", "Invert", "Replaces each color by its opposite, and the paper's as well")) {
        Image other = image;
        invert(other);
        v.light_paper = !v.light_paper;
        if (!v.in_color) v.gray = 255 - v.gray;
        replace(f, std::move(other));
    }
    same_line_if_fits(button_width("Center"));
    if (button(f, "draw.center", "Center",
               "Moves the drawing's center of mass to the middle, as in the images of MNIST")) {
        Image other = image;
        center(other, paper_of(v));
        replace(f, std::move(other));
    }
    same_line_if_fits(button_width("Undo"));
    ImGui::BeginDisabled(f.status.undo_depth == 0);
    if (button(f, "draw.undo", "Undo", "Takes back the last stroke, or any other last step (Ctrl+Z)"))
        ++f.requests.undo;
    ImGui::EndDisabled();
}

/// Draws how a new drawing begins.
void begin(Frame& f, DrawView& v) {
    constexpr std::array<std::string_view, 5> sides{"28x28", "64x64", "128x128", "256x256", "512x512"};
    choice_row(f, "new size", sides, v.side, "Size of a new drawing, in pixels");
    check_row(f, "white paper", v.light_paper, "Makes the paper white instead of black");
    if (button(f, "draw.new", "New drawing", "Makes an empty drawing the input")) {
        const int side = draw_sides[v.side];
        v.gray = v.light_paper ? 0 : 255;
        v.diameter = std::max(2, side / 14);
        f.draft.input.crop.reset();
        replace(f, Image(side, side, paper_of(v)));
    }
    const auto* pictures = std::get_if<PictureInput>(&f.draft.input.source);
    if (!pictures || drawing_of(f)) return;
    const auto item = static_cast<std::size_t>(std::max(f.draft.display.item, 0));
    const Picture& picture = *pictures->pictures[std::min(item, pictures->pictures.size() - 1)].picture;
    same_line_if_fits(button_width("Draw on the image"));
    ImGui::BeginDisabled(picture.info.width > 512 || picture.info.height > 512);
    if (button(f, "draw.image", "Draw on the image",
               "Copies the image, which may have at most 512 pixels per side, to draw on it"))
        replace(f, image_of(picture));
    ImGui::EndDisabled();
}

}  // namespace

void draw_panel(Frame& f) {
    auto& v = f.states.of<DrawView>();
    const auto image = drawing_of(f);
    if (image) {
        brush_rows(f, v);
        canvas(f, v, image);
        whole(f, v, *image);
        section("Another drawing");
    }
    begin(f, v);
}

}  // namespace convlens
