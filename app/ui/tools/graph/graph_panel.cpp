/// The graph panel: search and buttons above the drawing, the numbers of the layer below it, its feature maps beside
/// it.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <array>

#include "app/ui/language.h"
#include "app/ui/tools/graph/graph.h"
#include "app/ui/tools/grid/grid.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/numbers.h"
#include "engine/export/network_table.h"
#include "engine/io/file.h"

namespace convlens {
namespace {

/// Writes the table of the layers beside the input.
void save_table(Frame& f) {
    const MeasuredLayers* m = measured_layers(f);
    enqueue(f,
            [plan = f.chain.plan, numbers = f.chain.numbers, measured = m ? m->layers : std::vector<LayerMeasurement>(),
             path = suggested_path(f.draft.input, "-layers", ".csv")]() -> Expected<Done> {
                const std::string text = network_csv(plan, numbers, measured);
                const auto saved = write_new_file(path, std::as_bytes(std::span(text)));
                if (!saved) return fail("the table was not saved: {}", saved.error().message);
                return [free = *saved](Frame& frame) { report_saved(frame, free); };
            });
}

void search_field(Frame& f, GraphView& v) {
    const float em = ImGui::GetFontSize();
    ImGui::SetNextItemWidth(std::min(em * 11, ImGui::GetContentRegionAvail().x));
    if (std::exchange(v.focus_search, false)) ImGui::SetKeyboardFocusHere();
    if (ImGui::InputTextWithHint("##graph.search", tr("find a layer"), &v.search,
                                 ImGuiInputTextFlags_EnterReturnsTrue)) {
        select_next_found(f);
        v.focus_search = true;
    }
    f.map.mark("graph.search");
    tooltip("Marks layers whose name or type contains this text; Enter goes to the next one (/)");
    if (v.search.empty()) return;
    const auto at = std::ranges::find(v.found, f.chain.plan.layer);
    const std::string text = at == v.found.end() ? tr_format("{} found", v.found.size())
                                                 : tr_format("{} of {}", at - v.found.begin() + 1, v.found.size());
    same_line_if_fits(ImGui::CalcTextSize(text.c_str()).x);
    ImGui::TextDisabled("%s", text.c_str());
}

void toolbar(Frame& f, GraphView& v) {
    search_field(f, v);
    constexpr Words<5> bars{"multiply-accumulates", "parameters", "memory of the output", "time", "dead channels"};
    const float em = ImGui::GetFontSize();
    same_line_if_fits(em * 11);
    ImGui::SetNextItemWidth(em * 11);
    int now = static_cast<int>(v.bars);
    if (choice(f, "graph.bars", bars, now,
               "What the bars in the boxes show, as a part of the largest one of all layers; time and dead channels "
               "must be measured first")) {
        v.bars = static_cast<GraphBars>(now);
        if ((v.bars == GraphBars::time || v.bars == GraphBars::dead) && !measured_layers(f)) ++v.measure;
    }
    same_line_if_fits(button_width("Measure"));
    if (button(f, "graph.measure", "Measure",
               "Runs each layer by itself, twice, counts the channels that have the same value everywhere, and draws "
               "a histogram of the layer's values into its box"))
        ++v.measure;
    same_line_if_fits(button_width("Fit"));
    if (tab(f, "graph.fit", "Fit", "Shows the whole network (Shift+F)", v.fit)) v.fit = !v.fit;
    same_line_if_fits(button_width("Readable"));
    if (button(f, "graph.normal", "Readable",
               "Zooms so that the texts in the boxes are as large as all others, and goes to the layer on screen"))
        v.fit = false, v.zoom = 1, v.followed = -2;
    same_line_if_fits(button_width("Maps"));
    if (tab(f, "graph.maps", "Maps", "Shows the feature maps of the selected layer beside the drawing", v.maps))
        v.maps = !v.maps;
    same_line_if_fits(button_width("Save table"));
    if (button(f, "graph.table", "Save table", "Writes the numbers of all layers as CSV beside the input image"))
        save_table(f);
}

/// Draws the numbers of the layer under the mouse, otherwise of the one on screen.
void details(const Frame& f, const GraphView& v) {
    const bool hovers = v.hovered && *v.hovered >= 0;
    const int layer = hovers ? *v.hovered : f.chain.error.empty() ? f.chain.plan.layer : -1;
    if (layer < 0) return ImGui::TextDisabled("%s", f.chain.error.c_str());
    const auto i = static_cast<std::size_t>(layer);
    const LayerSpec& spec = f.chain.plan.layers[i];
    std::string text = fmt::format("{}, {}", spec.name, type_name(spec.operation)), reads;
    for (const int from : v.inputs[i])
        reads += (reads.empty() ? "" : ", ") +
                 (from < 0 ? std::string(tr("the input")) : f.chain.plan.layers[static_cast<std::size_t>(from)].name);
    constexpr std::size_t max_reads = 60;
    if (reads.size() > max_reads) reads = tr_format("{} layers", v.inputs[i].size());
    text += tr_format(", reads {}", reads);
    if (i >= f.chain.plan.runnable) text += tr("; it does not run: weights are missing");
    ImGui::PushFont(font(Type::small));
    ImGui::TextWrapped("%s", text.c_str());
    if (i < f.chain.numbers.layers.size()) {
        const LayerNumbers& n = f.chain.numbers.layers[i];
        text = tr_format("{}, {} parameters, {} MACs, {:.2f} MB, receptive field {}", to_string(n.output),
                         grouped(n.parameters), grouped(n.multiply_accumulates), static_cast<double>(n.bytes) * 1e-6,
                         to_string(n.receptive_field));
        const MeasuredLayers* m = measured_layers(f);
        if (m && i < m->layers.size() && m->layers[i].milliseconds >= 0)
            text += tr_format(", {:.2f} ms, {} of {} channels dead", m->layers[i].milliseconds, m->layers[i].dead,
                              m->layers[i].channels);
        if (const LayerValues* values = values_of(f, i)) {
            const auto& q = values->quantiles;
            text += tr_format(", values {:.3g} to {:.3g}, median {:.2g}", q[0], q[6], q[3]);
        }
        ImGui::TextWrapped("%s", text.c_str());
    } else if (!f.chain.numbers.stopped.empty()) {
        ImGui::TextWrapped("%s", f.chain.numbers.stopped.c_str());
    }
    ImGui::PopFont();
}

/// Returns the height of the lines of details(), for any layer of this network, so that the drawing does not move.
float details_height(float width) {
    const float small = font(Type::small)->FontSize, lines = width < small * 45 ? 4 : 3;
    return lines * (small + ImGui::GetStyle().ItemSpacing.y);
}

}  // namespace

void graph_panel(Frame& f) {
    auto& v = f.states.of<GraphView>();
    update_graph(f);
    if (!f.view.presenting) toolbar(f, v);
    if (f.chain.plan.layers.empty()) return ImGui::TextDisabled("%s", tr("This document has no layers."));
    if (!v.layout.all_edges)
        ImGui::TextDisabled("%s", tr_format("Only the first {} edges are drawn.", max_graph_edges).c_str());
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float em = ImGui::GetFontSize(), gap = ImGui::GetStyle().ItemSpacing.x;
    const bool beside = v.maps && room.x > em * 26;
    const float width = beside ? std::floor((room.x - gap) * (room.x > em * 60 ? 0.55F : 0.5F)) : room.x;
    ImGui::BeginChild("graph.side", {width, room.y}, false,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    draw_graph(f, width, room.y - details_height(width));
    details(f, v);
    ImGui::EndChild();
    if (!beside) return;
    ImGui::SameLine();
    ImGui::BeginChild("graph.maps.side", {0, room.y}, false,
                      ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse);
    grid_panel(f);
    ImGui::EndChild();
}

}  // namespace convlens
