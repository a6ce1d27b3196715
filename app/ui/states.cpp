/// Writes the states of the window to the UI map.
#include "app/ui/states.h"

#include <imgui.h>

#include "app/ui/frame.h"
#include "app/ui/menu.h"
#include "app/ui/tool.h"
#include "engine/core/memory_limit.h"

namespace convlens {

void write_states(Frame& f) {
    UiMap& map = f.map;
    const View& view = f.view;
    const auto position = [](const std::optional<PixelPosition>& s) {
        return s ? fmt::format("{} {} {}", s->channel, s->y, s->x) : "-";
    };
    map.state("memory", fmt::format("{:.1f}", static_cast<double>(counted_bytes()) / 1e6));
    map.state("error", f.status.error.empty() ? "-" : f.status.error);
    map.state("note", f.status.note.empty() ? "-" : f.status.note);
    if (const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network))
        if (const auto* weights = std::get_if<LoadedWeights>(&layered->weights); weights && weights->report)
            map.state("report", weights->report->summary());
    map.state("layers", fmt::format("{}", f.chain.plan.layers.size()));
    map.state("stopped", f.chain.numbers.stopped.empty() ? "-" : f.chain.numbers.stopped);
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    map.state("mouse", fmt::format("{:.0f} {:.0f}", mouse.x, mouse.y));
    map.state("selected", view.selected ? fmt::format("{}", *view.selected) : "-");
    map.state("hover", position(view.hover));
    map.state("pin", position(view.pin));
    map.state("tool", view.tool->id);
    map.state("side", view.side->id);
    map.state("lecture", view.presenting ? "1" : "0");
    map.state("help", view.overlay == &help_overlay ? "1" : "0");
    constexpr const char* visions[] = {"usual", "protanopia", "deuteranopia", "tritanopia"};
    map.state("vision", visions[static_cast<std::size_t>(view.vision)]);
    map.state("zoom", fmt::format("{:.2f}", view.grid.zoom));
    map.state("enlarged", view.grid.enlarged ? fmt::format("{}", *view.grid.enlarged) : "-");
    for (const Tool* tool : tools())
        if (tool->report) tool->report(f);
    if (!f.shown) return;
    const RenderResult& shown = *f.shown;
    map.state("input", to_string(shown.input_shape));
    map.state("output", to_string(shown.output_shape));
    map.state("kernels", shown.kernels_title);
    map.state("cell", fmt::format("{}x{}", shown.layout.cell.w, shown.layout.cell.h));
    map.state("cells", fmt::format("{}", shown.channels.size()));
    map.state("layer", shown.layer);
    map.state("item", fmt::format("{}", shown.request.document.display.item));
    map.state("scale", to_string(shown.request.document.display.scale));
    map.state("backend", shown.backend);
    map.state("probed", shown.probed.empty() ? "-" : fmt::format("{}", shown.probed.size()));
}

}  // namespace convlens
