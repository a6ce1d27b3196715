/// Draws the picture to paint on, and the kernel that answers as it is painted.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/document/custom_kernels.h"

namespace convlens {
namespace {

/// Colors of the values of Paint.
constexpr std::array<Rgba, 5> paints{
    {{0, 0, 0, 0}, {235, 87, 87, 200}, {64, 200, 110, 200}, {242, 153, 74, 200}, {86, 204, 242, 200}}};
/// Paint of each brush, in the order of the selection.
constexpr std::array<Paint, 5> brushes{Paint::yes, Paint::no, Paint::test_yes, Paint::test_no, Paint::none};

void controls(Frame& f, FiltersView& v) {
    const float em = ImGui::GetFontSize();
    constexpr Words<5> names{"yes (green)", "no (red)", "test yes (blue)", "test no (orange)", "eraser"};
    ImGui::SetNextItemWidth(em * 9);
    choice(f, "filters.brush", names, v.brush,
           "What the mouse paints: where the kernel should answer 1 and -1, or, to measure its error, what it should "
           "answer "
           "without being told");
    const auto number = [&](const char* id, const char* name, int& value, int lo, int hi, int start, const char* text) {
        same_line_if_fits(ImGui::CalcTextSize(tr(name)).x + em * 5.5F);
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(tr(name));
        ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
        ImGui::SetNextItemWidth(em * 5);
        number_field(f, id, value, lo, hi, start, text);
    };
    number("filters.brush.size", "brush", v.brush_size, 1, 41, 3, "Diameter of the brush in pixels of the input");
    number("filters.side", "kernel_size", v.choice.side, 1, 25, 11, "Rows and columns of the kernel; odd");
    v.choice.side |= 1;
    number("filters.regularization", "regularization 10^", v.choice.regularization, -6, 2, -2,
           "How much large weights count against the kernel, relative to the mean variance of the pixels: little "
           "follows the "
           "paint closely, noise included; much gives a smooth, weak kernel");
    same_line_if_fits(button_width("Clear"));
    if (button(f, "filters.clear", "Clear", "Removes all paint")) v.choice.paint = nullptr, v.painted = nullptr;
}

/// Paints the pixels within the brush along the line between two places.
void stroke(FiltersView& v, const Shape& input, PixelPosition from, PixelPosition to) {
    PaintedImage paint = v.choice.paint ? *v.choice.paint : PaintedImage{};
    if (paint.height != input.h || paint.width != input.w)
        paint = {
            input.h, input.w,
            std::vector<Paint>(static_cast<std::size_t>(input.h) * static_cast<std::size_t>(input.w), Paint::none)};
    Image image =
        v.painted && v.painted->width == input.w && v.painted->height == input.h ? *v.painted : Image(input.w, input.h);
    const Paint kind = brushes[static_cast<std::size_t>(v.brush)];
    const int steps = std::max({std::abs(to.y - from.y), std::abs(to.x - from.x), 1}), radius = v.brush_size / 2;
    for (int i = 0; i <= steps; ++i) {
        const int cy = from.y + (to.y - from.y) * i / steps, cx = from.x + (to.x - from.x) * i / steps;
        for (int y = std::max(0, cy - radius); y <= std::min(input.h - 1, cy + radius); ++y)
            for (int x = std::max(0, cx - radius); x <= std::min(input.w - 1, cx + radius); ++x) {
                if (4 * ((y - cy) * (y - cy) + (x - cx) * (x - cx)) > v.brush_size * v.brush_size) continue;
                paint.pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(input.w) +
                             static_cast<std::size_t>(x)] = kind;
                std::copy_n(paints[static_cast<std::size_t>(kind)].data(), 4, image.pixel(x, y));
            }
    }
    v.choice.paint = std::make_shared<const PaintedImage>(std::move(paint));
    v.painted = std::make_shared<const Image>(std::move(image));
}

/// Draws the picture with the paint, and paints where the mouse is dragged.
void canvas(Frame& f, FiltersView& v, float width, float height) {
    const Shape& input = f.shown->input_shape;
    const float scale = std::min(width / static_cast<float>(input.w), height / static_cast<float>(input.h));
    const ImVec2 at = ImGui::GetCursorScreenPos(),
                 size{static_cast<float>(input.w) * scale, static_cast<float>(input.h) * scale};
    ImGui::InvisibleButton("filters.canvas", size);
    f.map.mark("filters.canvas");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const ImVec2 end{at.x + size.x, at.y + size.y}, mouse = ImGui::GetIO().MousePos;
    draw.AddImage(texture_id(f.textures.of(f.shown->input)), at, end);
    if (v.painted && v.choice.paint && v.choice.paint->height == input.h && v.choice.paint->width == input.w)
        draw.AddImage(texture_id(f.textures.of(v.painted)), at, end);
    if (ImGui::IsItemHovered() || ImGui::IsItemActive())
        draw.AddCircle(mouse, static_cast<float>(v.brush_size) * scale / 2, accent(), 0, hairline());
    if (!ImGui::IsItemActive()) {
        v.last.reset();
        tooltip("Drag to paint: some pixels with yes, some with no");
        return;
    }
    const PixelPosition here{0, std::clamp(static_cast<int>((mouse.y - at.y) / scale), 0, input.h - 1),
                             std::clamp(static_cast<int>((mouse.x - at.x) / scale), 0, input.w - 1)};
    if (!v.last || *v.last != here) stroke(v, input, v.last.value_or(here), here);
    v.last = here;
}

/// Puts the kernel into the layer in place of the selected one.
void use(Frame& f, int index, const PaintedFilter& filter) {
    auto own = custom_kernels(f.draft, f.shown->network, f.shown->shown_layer);
    if (!own) return;
    Tensor weight = own->weight->clone();
    std::ranges::copy(filter.kernel.values(), weight.plane(index, 0).data());
    own->weight = std::make_shared<const Tensor>(std::move(weight));
    put_kernels(f.draft, f.shown->network, std::move(*own));
    f.requests.step = true;
}

void result(Frame& f, const FiltersShown& s, float room) {
    const PaintShown& p = *s.paint;
    const float em = ImGui::GetFontSize();
    if (!p.error.empty()) {
        ImGui::TextWrapped("%s.", tr(p.error).c_str());
        ImGui::TextWrapped(
            "%s", tr("The kernel is the one whose answers come closest to 1 and -1 there (ridge regression)."));
        return;
    }
    const PaintedFilter& k = p.filter;
    captioned(f, "filters.painted",
              tr_format("kernel, {}x{}x{}", k.kernel.shape().c, k.kernel.shape().h, k.kernel.shape().w), p.kernel,
              em * 7, "The fitted kernel: gray is zero");
    ImGui::SameLine();
    ImGui::BeginGroup();
    ImGui::PushTextWrapPos(0);
    ImGui::TextUnformatted(
        tr_format("{} painted pixels: {:.1f} % right, error {:.2f}", k.samples, 100 * k.right, k.error).c_str());
    ImGui::TextUnformatted(k.test_samples > 0 ? tr_format("{} test pixels: {:.1f} % right, error {:.2f}",
                                                          k.test_samples, 100 * k.test_right, k.test_error)
                                                    .c_str()
                                              : tr("Paint test pixels to see how well it answers elsewhere."));
    ImGui::PopTextWrapPos();
    const Shape& have = f.shown->weight->shape();
    const bool fits = have.c == k.kernel.shape().c && have.h == k.kernel.shape().h && have.w == k.kernel.shape().w;
    ImGui::BeginDisabled(!fits);
    if (button(f, "filters.use", "Put into the layer",
               fits ? "Replaces the selected kernel of the layer, or the first, by this one; undo restores it"
                    : "The layer's kernels have another size: choose their kernel_size"))
        use(f, s.request.marked, k);
    ImGui::EndDisabled();
    ImGui::EndGroup();
    captioned(
        f, "filters.map",
        tr_format("answers from {:.2g} (blue) to {:.2g} (red)", -std::min(p.largest, 2.0F), std::min(p.largest, 2.0F)),
        p.map, room, "What the kernel answers everywhere");
}

}  // namespace

void paint_part(Frame& f, const FiltersShown& s) {
    auto& v = f.states.of<FiltersView>();
    if (!f.view.presenting) controls(f, v);
    if (!s.paint) return;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float half = (room.x - ImGui::GetStyle().ItemSpacing.x) / 2;
    ImGui::BeginChild("filters.canvas.side", {half, room.y});
    canvas(f, v, half, room.y);
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("filters.result", {0, room.y});
    result(f, s, half - ImGui::GetFontSize());
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
