/// The list of states.
#include "app/ui/states.h"

#include <imgui.h>

#include <algorithm>

namespace convlens {

void write_states(const Frame& f) {
    UiMap& map = f.map;
    const View& view = f.view;
    map.state("error", f.status.error.empty() ? "-" : f.status.error);
    if (const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network))
        if (const auto* weights = std::get_if<LoadedWeights>(&layered->weights); weights && weights->report)
            map.state("report", weights->report->summary());
    map.state("layers", fmt::format("{}", f.chain.plan.layers.size()));
    map.state("stopped", f.chain.numbers.stopped.empty() ? "-" : f.chain.numbers.stopped);
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    map.state("mouse", fmt::format("{:.0f} {:.0f}", mouse.x, mouse.y));
    map.state("marked", view.marked ? fmt::format("{}", *view.marked) : "-");
    map.state("hover", view.hover ? fmt::format("{} {} {}", view.hover->channel, view.hover->y, view.hover->x) : "-");
    map.state("pin", view.pin ? fmt::format("{} {} {}", view.pin->channel, view.pin->y, view.pin->x) : "-");
    map.state("tool", fmt::format("{}", static_cast<int>(view.tool)));
    map.state("slide", fmt::format("{:.2f} {}", view.slide.position, view.slide.playing ? "playing" : "paused"));
    const TrainingShown& lesson = f.training;
    map.state("training",
              fmt::format("{} {} {} {} {}", static_cast<int>(lesson.lesson),
                          lesson.preparing ? "preparing"
                          : lesson.playing ? "playing"
                                           : "paused",
                          lesson.lesson == Lesson::patterns ? lesson.patterns.round : lesson.view.step,
                          lesson.moments() == 0 ? 0 : lesson.step_at(lesson.moment), lesson.live ? "live" : "moment"));
    map.state("side", fmt::format("{}", static_cast<int>(view.side)));
    map.state("zoom", fmt::format("{:.2f}", view.grid.zoom));
    map.state("scene", view.lecture.lecture
                           ? fmt::format("{} of {}", view.lecture.scene + 1, view.lecture.lecture->scenes.size())
                           : "-");
    map.state("lecture", view.lecture.full ? "1" : "0");
    map.state("crashed", view.crashed.empty() ? "-" : "offered");
    map.state("help", view.help ? "1" : "0");
    map.state("export", view.exporting.open ? view.exporting.path : "-");
    map.state("thumbnails", fmt::format("{}", std::count_if(f.thumbnails.begin(), f.thumbnails.end(),
                                                            [](const auto& t) { return t.second != nullptr; })));
    map.state("note", f.status.note.empty() ? "-" : f.status.note);
    map.state("enlarged", view.grid.enlarged ? fmt::format("{}", *view.grid.enlarged) : "-");
    if (!f.shown) return;
    const Shown& shown = *f.shown;
    map.state("input", to_string(shown.input_shape));
    map.state("output", to_string(shown.output_shape));
    map.state("kernels", shown.kernels_title);
    map.state("cells", fmt::format("{}", shown.channels.size()));
    map.state("layer", shown.layer);
    map.state("item", fmt::format("{}", shown.request.document.look.item));
    map.state("scale", to_string(shown.request.document.look.scale));
    const Explanation* e = shown.why.explanation.get();
    map.state("why", e ? fmt::format("{} {} {} {} {:.6g} {:.6g}", e->asked_layer, e->spot.channel, e->spot.y, e->spot.x,
                                     e->result, e->shown)
                       : "-");
    map.state("backend", shown.backend);
    map.state("gl_failure", shown.gl_failure.empty() ? "-" : shown.gl_failure);
    const auto& c = shown.comparison;
    map.state("comparison", !c                       ? "-"
                            : !c->gl_missing.empty() ? "missing: " + c->gl_missing
                                                     : fmt::format("{:.4f} {:.4f} {:.3g} {:.3g}", c->cpu_ms, c->gl_ms,
                                                                   c->largest_difference, c->largest_magnitude));
    map.state("probed", shown.probed.empty() ? "-" : fmt::format("{}", shown.probed.size()));
}

}  // namespace convlens
