/// Draws what strides and pooling do to fine patterns.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/filters/filters.h"
#include "app/ui/widgets/property.h"

namespace convlens {

void aliasing_part(Frame& f, FilterStudy& study) {
    AliasingOptions& o = study.options.aliasing;
    const float em = ImGui::GetFontSize();
    constexpr Words<7> filters{"3 taps", "5 taps", "7 taps", "9 taps", "11 taps", "13 taps", "15 taps"};
    constexpr Words<2> views{"reduced images", "what is wrong in them"};
    int steps = static_cast<int>(std::lround(2 * study.shift));
    if (!f.view.presenting) {
        ImGui::SetNextItemWidth(em * 9);
        choice(f, "filters.reduced", study_sources(), study.options.source,
               "What is reduced: the mean of the channels of the input, or a test pattern of 256x256 pixels");
        number(f, "filters.alias.stride", "stride", o.stride, 1, 8, 4, "One of so many rows and columns is kept");
        int taps = (o.taps - 3) / 2;
        if (select(
                f, "filters.alias.taps", filters, taps, 6.5F,
                "Values of the binomial filter of BlurPool along each axis: 3 are [1 2 1] / 4, 5 are [1 4 6 4 1] / 16"))
            o.taps = 3 + 2 * taps;
        int view = study.difference ? 1 : 0;
        if (select(f, "filters.alias.view", views, view, 11,
                   "what is wrong in them: the reduced image minus the one that has all waves that fit, and no others"))
            study.difference = view == 1;
        number(f, "filters.alias.shift", "shift in half pixels", steps, 0, 4 * o.stride, 0,
               "Shifts the image before it is reduced: what only moves is not an alias");
    }
    study.shift = std::clamp(steps, 0, 4 * o.stride) / 2.0;
    if (!study.error.empty()) return ImGui::TextWrapped("%s.", study.error.c_str());
    if (!study.shown) return ImGui::TextDisabled("%s", tr("Computing ..."));
    draw_study(f, study, "aliasing", study.shown->chart, static_cast<std::size_t>(steps), study.shift);
}

}  // namespace convlens
