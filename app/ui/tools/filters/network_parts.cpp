/// Draws the effects of borders and of numbers with fewer bits.
#include <imgui.h>

#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

/// Draws the result, or why there is none.
void result(Frame& f, FilterStudy& study, const std::string& name, bool second) {
    if (!study.error.empty()) return ImGui::TextWrapped("%s.", study.error.c_str());
    if (!study.shown) return ImGui::TextDisabled("%s", tr("Computing ..."));
    draw_study(f, study, name, second ? study.shown->second_chart : study.shown->chart, 0, NAN);
}

}  // namespace

void border_part(Frame& f, FilterStudy& study) {
    ImGui::PushTextWrapPos(0);
    ImGui::TextDisabled(
        "%s", tr("Padding of all convolutions up to this layer; the table says which part of the values it reaches "
                 "and which part differs from zeros"));
    ImGui::PopTextWrapPos();
    if (study.shown) left_out(study.shown->task, false);
    result(f, study, "borders", false);
}

void precision_part(Frame& f, FilterStudy& study) {
    PrecisionOptions& o = study.options.precision;
    constexpr Words<3> rounded{"weights and activations", "weights only", "activations only"};
    constexpr Words<2> plots{"plot: layers", "plot: channels"};
    if (!f.view.presenting) {
        int value = o.weights && o.activations ? 0 : o.weights ? 1 : 2;
        ImGui::SetNextItemWidth(ImGui::GetFontSize() * 12);
        if (choice(f, "filters.rounded", rounded, value,
                   "What has fewer bits: the weights, or the input and the outputs of layers after their activation "
                   "function. "
                   "int8 per channel has a scale for each output channel's weights"))
            o = {value != 2, value != 1};
        int plot = study.by_channel ? 1 : 0;
        if (select(f, "filters.plot", plots, plot, 8,
                   "layers: signal-to-noise ratio of each layer. channels: error of each channel of the last layer"))
            study.by_channel = plot == 1;
    }
    result(f, study, "precision", study.by_channel);
}

}  // namespace convlens
