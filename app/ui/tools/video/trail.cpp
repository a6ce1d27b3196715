/// Collects and draws the trail.
#include "app/ui/tools/video/trail.h"

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/widgets/property.h"

namespace convlens {

void follow_trail(Frame& f, bool running) {
    auto& v = f.states.of<TrailView>();
    if (!f.shown) return;
    const auto at = f.view.explained();
    if (at != v.at || f.shown->layer != v.layer) {
        v.at = at;
        v.layer = f.shown->layer;
        v.values.clear();
    }
    const auto& probe = f.shown->request.probe;
    const bool known = at && probe && probe->y == at->y && probe->x == at->x && at->channel >= 0 &&
                       static_cast<std::size_t>(at->channel) < f.shown->probed.size();
    if (!known || !running || f.shown->picture == v.last_seen) return;
    v.last_seen = f.shown->picture;
    if (v.values.size() >= max_trail) v.values.erase(v.values.begin());
    v.values.push_back(f.shown->probed[static_cast<std::size_t>(at->channel)]);
}

void trail_part(Frame& f) {
    const auto& v = f.states.of<TrailView>();
    section("VALUE OVER TIME");
    if (!v.at) return ImGui::TextWrapped("%s", tr("Click a value of the grid to follow it while frames run."));
    ImGui::PushTextWrapPos();
    ImGui::TextDisabled("%s", tr_format("channel {} at ({}, {})", v.at->channel, v.at->x, v.at->y).c_str());
    ImGui::PopTextWrapPos();
    if (v.values.size() < 2) return ImGui::TextWrapped("%s", tr("It is drawn here when frames run."));
    const auto [low, high] = std::ranges::minmax(v.values);
    ImGui::PlotLines("##trail", v.values.data(), static_cast<int>(v.values.size()), 0,
                     fmt::format("{:.4g}", v.values.back()).c_str(), low, high > low ? high : low + 1,
                     {ImGui::GetContentRegionAvail().x, 5 * ImGui::GetFontSize()});
    f.map.mark("trail");
    tooltip("The value in the last frames that were seen, at most 300, the newest on the right");
    ImGui::TextDisabled("%s", tr_format("{:.4g} to {:.4g} in {} frames", low, high, v.values.size()).c_str());
}

void report_trail(Frame& f) {
    const auto& v = f.states.of<TrailView>();
    f.map.state("trail", v.values.empty() ? "0" : fmt::format("{} {:.6g}", v.values.size(), v.values.back()));
}

}  // namespace convlens
