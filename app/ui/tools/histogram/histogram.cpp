/// A large histogram of one channel.
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/view/histogram.h"

namespace convlens {

extern const Tool histogram_tool;

namespace {

constexpr std::size_t bins = 256;

/// The request to the worker: the histogram of channel `channel`.
struct HistogramOf {
    int channel = 0;
    friend bool operator==(const HistogramOf&, const HistogramOf&) = default;
};

/// The worker's answer to HistogramOf.
struct LargeHistogram {
    int channel = 0;
    Range range;                ///< Minimum and maximum of the channel.
    std::vector<float> counts;  ///< Number of values in each of `bins` equal bins of `range`.
};

/// State of the panel.
struct HistogramView {
    bool logarithmic = true;  ///< Whether the bars show log(1 + count).
};

/// Returns the selected channel, else that of the explained value, else the enlarged one, else the first in the grid.
int channel_of(const Frame& f) {
    const View& v = f.view;
    if (v.selected) return *v.selected;
    if (const auto position = v.explained()) return position->channel;
    return v.grid.enlarged.value_or(f.shown->channels.empty() ? 0 : f.shown->channels.front());
}

Value want(const Frame& f) {
    return f.view.tool == &histogram_tool && f.shown ? Value(HistogramOf{channel_of(f)}) : Value();
}

ToolJob job(const BackendChoice&) {
    return [](const Value& want, const JobContext& c) -> Expected<Value> {
        const int channel = want.as<HistogramOf>()->channel;
        const Shape& s = c.shown.output_shape;
        if (channel >= s.c) return Value();  // a channel of an earlier output with more channels
        const auto values = c.output.activations->read(c.output.document.display.item, {channel, 1}, {0, 0, s.w, s.h});
        if (!values) return tl::unexpected(values.error());
        const ChannelStats& stats = c.shown.stats[static_cast<std::size_t>(channel)];
        const Range range{stats.min, stats.max};
        return Value(LargeHistogram{channel, range, histogram(values->values(), range, bins)});
    };
}

/// Returns the position of a value between the left end (0) and the right end (1) of the histogram.
float place_of(const LargeHistogram& h, float value) {
    return h.range.hi > h.range.lo ? std::clamp((value - h.range.lo) / (h.range.hi - h.range.lo), 0.0F, 1.0F) : 0.0F;
}

void draw_bars(const LargeHistogram& h, bool logarithmic, ImVec2 at, ImVec2 size) {
    const auto height = [&](float count) { return logarithmic ? std::log1p(count) : count; };
    const float most = height(*std::ranges::max_element(h.counts)), bar = size.x / static_cast<float>(bins);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + size.x, at.y + size.y}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    for (std::size_t i = 0; i < bins; ++i) {
        const float x = at.x + bar * static_cast<float>(i), tall = most > 0 ? size.y * height(h.counts[i]) / most : 0;
        draw.AddRectFilled({x, at.y + size.y - tall}, {x + std::max(bar - 1, 1.0F), at.y + size.y},
                           ImGui::GetColorU32(ImGuiCol_Text, 0.6F));
    }
    if (h.range.lo >= 0 || h.range.hi <= 0) return;
    const float zero = at.x + size.x * place_of(h, 0);
    draw.AddLine({zero, at.y}, {zero, at.y + size.y}, accent(), hairline());
}

void bin_tip(const LargeHistogram& h, ImVec2 at, ImVec2 size) {
    const float across = (ImGui::GetIO().MousePos.x - at.x) / size.x;
    const auto i = std::min(static_cast<std::size_t>(std::max(across, 0.0F) * static_cast<float>(bins)), bins - 1);
    const float width = (h.range.hi - h.range.lo) / static_cast<float>(bins);
    const float low = h.range.lo + width * static_cast<float>(i);
    tooltip(
        tr_format("{:.0f} values from {:.4g} to {:.4g}; the line marks zero", h.counts[i], low, low + width).c_str());
}

void panel(Frame& f) {
    auto& v = f.states.of<HistogramView>();
    const LargeHistogram* h = f.shown ? f.shown->answer<LargeHistogram>() : nullptr;
    if (!h) {
        ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Computing ...") : f.status.error.c_str());
        return;
    }
    ImGui::AlignTextToFramePadding();
    ImGui::TextUnformatted(tr_format("{}, channel {}", f.shown->layer, h->channel).c_str());
    ImGui::SameLine();
    ImGui::Checkbox(tr_label("log scale").c_str(), &v.logarithmic);
    f.map.mark("histogram.logarithmic");
    tooltip("Shows the counts on a logarithmic scale so that rare values stay visible");
    const ScaleEnds ends = scale_ends(h->range);
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const ImVec2 size{std::max(room.x, 16.0F), std::max(room.y - ImGui::GetTextLineHeightWithSpacing(), 16.0F)};
    ImGui::InvisibleButton("histogram.bars", size);
    f.map.mark("histogram.bars");
    draw_bars(*h, v.logarithmic, at, size);
    bin_tip(*h, at, size);
    ImGui::TextDisabled("%s", ends.low.c_str());
    const float right = ImGui::GetContentRegionAvail().x - ImGui::CalcTextSize(ends.high.c_str()).x;
    ImGui::SameLine(std::max(right, 0.0F) + ImGui::GetStyle().WindowPadding.x);
    ImGui::TextDisabled("%s", ends.high.c_str());
}

constexpr Action rows[] = {
    {"histogram",
     "Histogram of the selected channel",
     Menu::view,
     {{{'h', 0}}},
     [](const Frame& f) { return f.shown != nullptr; },
     [](Frame& f) { toggle_tool(f, histogram_tool); }},
};

void report(Frame& f) {
    const LargeHistogram* h = f.shown ? f.shown->answer<LargeHistogram>() : nullptr;
    float sum = 0;
    for (const float count : h ? h->counts : std::vector<float>()) sum += count;
    f.map.state("histogram.counts", h ? fmt::format("{} {:.0f}", h->channel, sum) : "-");
}

}  // namespace

const Tool histogram_tool{
    .id = "histogram",
    .middle = {"Histogram", "Shows how often each value of the selected channel occurs (h)", panel},
    .actions = rows,
    .want = want,
    .job = job,
    .report = report};

}  // namespace convlens
