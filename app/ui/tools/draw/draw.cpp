/// The drawing pad's actions, and where its pixels are.
#include "app/ui/tools/draw/draw.h"

#include <GLFW/glfw3.h>

#include <algorithm>

#include "app/ui/frame.h"
#include "engine/document/embedded.h"

namespace convlens {
namespace {

constexpr int max_side = 512;

void show(Frame& f) {
    f.view.panels = true;
    f.view.tool = &grid_tool;
    f.view.side = f.view.side == &draw_tool ? &kernels_tool : &draw_tool;
}

// clang-format off
constexpr Action rows[] = {
    {"draw", "Draw the input", Menu::edit, {{{'D', GLFW_MOD_CONTROL}}}, [](const Frame&) { return true; }, show},
};
// clang-format on

/// Returns the sum of all colors.
double sum_of(const Image& image) {
    double sum = 0;
    for (std::size_t i = 0; i < image.rgba.size(); ++i) sum += i % 4 == 3 ? 0 : image.rgba[i];
    return sum;
}

/// Returns the picture of the input if it is the only one and has no file; null otherwise.
std::shared_ptr<const Picture> picture_in(const Document& document) {
    const auto* input = std::get_if<PictureInput>(&document.input.source);
    if (!input || input->pictures.size() != 1 || !is_embedded(input->pictures.front().origin)) return nullptr;
    return input->pictures.front().picture;
}

void report(Frame& f) {
    if (!f.map.enabled()) return;
    const auto image = drawing_of(f);
    f.map.state("drawing", image ? fmt::format("{}x{} {:.0f}", image->width, image->height, sum_of(*image)) : "-");
    const auto shown = f.shown ? picture_in(f.shown->request.document) : nullptr;
    f.map.state("drawing.shown", shown ? fmt::format("{:.0f}", sum_of(image_of(*shown))) : "-");
}

}  // namespace

std::shared_ptr<const Image> drawing_of(Frame& f) {
    const auto picture = picture_in(f.draft);
    if (!picture || picture->info.width > max_side || picture->info.height > max_side) return nullptr;
    auto& v = f.states.of<DrawView>();
    if (v.read_from != picture) {
        v.read_from = picture;
        v.read = std::make_shared<const Image>(image_of(*picture));
    }
    return v.read;
}

void put_drawing(Frame& f, Image image) {
    auto& v = f.states.of<DrawView>();
    v.read_from = picture_of(image);
    v.read = std::make_shared<const Image>(std::move(image));
    f.draft.input.source = PictureInput{{{drawing_origin(++v.drawings), v.read_from}}};
    f.draft.display.item = 0;
}

const Tool draw_tool{.id = "draw",
                     .side = {"Draw", "Draws the input: the grid follows each stroke (Ctrl+D)", draw_panel},
                     .actions = rows,
                     .report = report};

}  // namespace convlens
