/// Draws the shift lab: the image, which can be dragged, and how much the output of each layer is the shifted output.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/axes.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

void controls(Frame& f, FilterStudy& study) {
    ShiftOptions& o = study.options.shift;
    constexpr Words<3> strides{"strides as they are", "stride 1, then BlurPool", "stride 1, dilated"};
    constexpr Words<4> pools{"pooling as it is", "max pooling", "mean pooling", "pooling, then BlurPool"};
    constexpr Words<3> filters{"[1 2 1]", "[1 4 6 4 1]", "[1 6 15 20 15 6 1]"};
    constexpr Words<2> directions{"to the right", "down"};
    constexpr Words<3> steps{"whole pixels", "halves", "quarters"};
    constexpr Words<2> sides{"values inside", "all values"};
    constexpr Words<2> compared{"with the output shifted", "with the output as it was"};
    int value = static_cast<int>(o.down.strides);
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * 11);
    if (choice(f, "filters.strides", strides, value,
               "as they are: the network itself. stride 1, then BlurPool: convolutions keep stride 1, and after their "
               "activation a binomial filter is applied with the stride (Zhang 2019). stride 1, dilated: nothing is "
               "left out; slow"))
        o.down.strides = static_cast<Strides>(value);
    value = static_cast<int>(o.down.pools);
    if (select(f, "filters.pooling", pools, value, 11,
               "What pooling layers compute. pooling, then BlurPool: pooling with stride 1, and a binomial filter with "
               "the stride (MaxBlurPool)"))
        o.down.pools = static_cast<Pools>(value);
    value = (o.down.taps - 3) / 2;
    if (select(f, "filters.taps", filters, value, 9, "The binomial filter of BlurPool, along both axes"))
        o.down.taps = 3 + 2 * value;
    value = o.vertical ? 1 : 0;
    if (select(f, "filters.direction", directions, value, 6.5F, "Where the image is shifted")) o.vertical = value == 1;
    value = o.steps_per_pixel == 4 ? 2 : o.steps_per_pixel - 1;
    if (select(f, "filters.steps", steps, value, 7,
               "Steps of the shift; fractions of a pixel are exact (by the spectrum)"))
        o.steps_per_pixel = value == 2 ? 4 : value + 1;
    value = o.inside ? 0 : 1;
    if (select(f, "filters.inside", sides, value, 7.5F,
               "values inside: only those whose receptive field lies in the image and contains nothing that came in at "
               "the other side. A layer without such values has no curve"))
        o.inside = value == 0;
    value = study.invariance ? 1 : 0;
    if (select(f, "filters.compared", compared, value, 12,
               "with the output shifted: 1 where the layer does the same to the shifted image (equivariance). with the "
               "output as it was: 1 where the layer does not see the shift (invariance)"))
        study.invariance = value == 1;
    int reach = static_cast<int>(o.reach);
    number(f, "filters.reach", "up to", reach, 1, 64, 8, "Largest shift in pixels");
    o.reach = reach;
}

/// Draws the input, moved in a circle, and moves it where it is dragged.
void image(Frame& f, FilterStudy& study, float width, float height) {
    const ShiftOptions& o = study.options.shift;
    const Shape& input = f.shown->input_shape;
    const float scale = std::min(width / static_cast<float>(input.w), height / static_cast<float>(input.h));
    const ImVec2 at = ImGui::GetCursorScreenPos(),
                 size{static_cast<float>(input.w) * scale, static_cast<float>(input.h) * scale};
    ImGui::InvisibleButton("filters.shifted", size);
    f.map.mark("filters.shifted");
    if (ImGui::IsItemActivated()) study.shift_before = study.shift;
    if (ImGui::IsItemActive()) {
        const ImVec2 moved = ImGui::GetMouseDragDelta(0, 0);
        study.shift = study.shift_before + static_cast<double>((o.vertical ? moved.y : moved.x) / scale);
    }
    study.shift = std::clamp(std::round(study.shift * o.steps_per_pixel) / o.steps_per_pixel, 0.0, o.reach);
    tooltip(
        "Drag the image; it moves in steps of the chosen fraction of a pixel, and what leaves enters at the other "
        "side");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    const auto by = static_cast<float>(study.shift) * scale;
    draw.PushClipRect(at, {at.x + size.x, at.y + size.y}, true);
    for (const float turn : {0.0F, -1.0F}) {
        const float dx = o.vertical ? 0 : by + turn * size.x, dy = o.vertical ? by + turn * size.y : 0;
        draw.AddImage(texture_id(f.textures.of(f.shown->input)), {at.x + dx, at.y + dy},
                      {at.x + size.x + dx, at.y + size.y + dy});
    }
    draw.PopClipRect();
}

/// Draws the names of the layers with their colors and values at the shift on screen.
void values(Frame& f, const FilterStudy& study, const Chart& chart, std::size_t step, int highlighted) {
    const int count = static_cast<int>(chart.curves.size());
    const float em = ImGui::GetFontSize();
    ImGui::PushFont(font(Type::small));
    for (int i = 0; i < count; ++i) {
        const auto k = static_cast<std::size_t>(i);
        const ShiftedLayer& layer = study.shown->shift->curves.layers[k];
        const double value = chart.curves[k].y[step];
        const ImVec2 at = ImGui::GetCursorScreenPos();
        ImGui::GetWindowDrawList()->AddLine({at.x, at.y + em * 0.45F}, {at.x + em, at.y + em * 0.45F}, ink(f, i, count),
                                            hairline() * 2);
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + em * 1.3F);
        const std::string text =
            tr_format("{}  {}  (1 value = {} px)", std::isfinite(value) ? fmt::format("{:.3f}", value) : "  -  ",
                      printable(layer.name, 40), layer.jump);
        if (i == highlighted)
            ImGui::TextUnformatted(text.c_str());
        else
            ImGui::TextDisabled("%s", text.c_str());
    }
    ImGui::PopFont();
}

}  // namespace

void shift_part(Frame& f, FilterStudy& study) {
    if (!f.view.presenting) controls(f, study);
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float em = ImGui::GetFontSize(), half = room.x * 0.4F;
    const ShiftShown* shown = study.shown ? study.shown->shift.get() : nullptr;
    ImGui::BeginChild("filters.shift.image", {half, room.y});
    image(f, study, half, (room.y - em * 5) / 2);
    ImGui::TextDisabled("%s", tr_format("shifted by {:g} pixels: drag it", study.shift).c_str());
    const ShiftOptions* o = shown ? &study.shown->task.options.shift : nullptr;
    const std::size_t step =
        !o ? 0
           : std::min(static_cast<std::size_t>(std::lround(study.shift * o->steps_per_pixel)), shown->maps.size() - 1);
    if (shown)
        captioned(
            f, "filters.shift.map",
            tr_format("channel {} of {} for the shifted image", study.shown->task.channel,
                      printable(shown->curves.layers.back().name, 40)),
            shown->maps[step], std::min(half, (room.y - em * 5) / 2),
            "The selected channel of the last layer: blue is negative, gray zero, red positive. Between multiples "
            "of its stride, it does not only move, but changes");
    ImGui::EndChild();
    ImGui::SameLine();
    ImGui::BeginChild("filters.shift.curves", {0, room.y});
    if (!study.error.empty()) {
        ImGui::TextWrapped("%s.", study.error.c_str());
    } else if (!shown) {
        ImGui::TextDisabled("%s", tr("Computing ..."));
    } else {
        left_out(study.shown->task, o->down.strides == Strides::one);
        const Chart chart = shift_chart(shown->curves, *o, study.invariance);
        const float list = font(Type::small)->FontSize + ImGui::GetStyle().ItemSpacing.y;
        const float height = std::max(
            em * 10, ImGui::GetContentRegionAvail().y - list * static_cast<float>(chart.curves.size()) - em * 3.5F);
        study.pointed = draw_chart(f, "filters.shift.chart", chart, study.pointed, study.shift,
                                   ImGui::GetContentRegionAvail().x, height);
        values(f, study, chart, step, study.pointed);
        if (!f.view.presenting) save_chart_button(f, "filters.shift.save", chart, "-shift");
        if (study.worker->busy()) {
            ImGui::SameLine();
            ImGui::TextDisabled("%s", tr_format("computing {:.0f} %", 100 * study.worker->progress()).c_str());
        }
    }
    fade_edges();
    ImGui::EndChild();
}

}  // namespace convlens
