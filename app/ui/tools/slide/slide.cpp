/// The sliding window tool: its request to the worker, its actions, and its saved state in a scene.
#include "app/ui/tools/slide/slide.h"

#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/tools/microscope/microscope.h"
#include "app/ui/tools/slide/slide_job.h"

namespace convlens {
namespace {

/// The request to the worker: the pictures for output channel `channel`.
struct SlideChannel {
    int channel = 0;
    friend bool operator==(const SlideChannel&, const SlideChannel&) = default;
};

/// Opens or closes the sliding window, and shows the terms of its value in the panel on the right. Opening it pins a
/// value if none is pinned, see keep_value().
void slide(Frame& f) {
    if (!f.view.pin && f.view.tool != &slide_tool) keep_value(f);
    f.view.side = &microscope_tool;
    toggle_tool(f, slide_tool);
}

// clang-format off
constexpr Action rows[] = {
    {"slide", "Sliding window", Menu::view, {{{'w', 0}}}, [](const Frame& f) { return f.shown != nullptr; }, slide},
    {"slide.play", "Sliding window: play or pause", Menu::view, {{{'y', 0}}}, [](const Frame& f) { return f.view.tool == &slide_tool; }, [](Frame& f) { auto& v = f.states.of<SlideView>(); v.playing = !v.playing; }},
};
// clang-format on

Value want(const Frame& f) {
    if (f.view.tool != &slide_tool) return {};
    return Value(SlideChannel{f.view.selected.value_or(f.view.pin ? f.view.pin->channel : 0)});
}

ToolJob job(const BackendChoice&) {
    return [last = SlideScene()](const Value& want, const JobContext& c) mutable -> Expected<Value> {
        auto made =
            make_slide_scene(c.output, want.as<SlideChannel>()->channel, std::exchange(last, {}), c.backend, c.cancel);
        if (!made) return tl::unexpected(made.error());
        last = *made;
        return Value(std::move(*made));
    };
}

ScenePart scene_part(States& states) {
    const double position = std::floor(states.of<SlideView>().position);
    return position > 0 ? ScenePart{position} : ScenePart{};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<SlideView>();
    const double position = part.number();
    constexpr double too_far = 1e12;
    v.position = position >= 0 && position < too_far ? position : 0;
    v.playing = false;
}

void report(Frame& f) {
    const auto& v = f.states.of<SlideView>();
    f.map.state("slide", fmt::format("{:.2f} {}", v.position, v.playing ? "playing" : "paused"));
}

}  // namespace

const Tool slide_tool{
    .id = "slide",
    .middle = {"Sliding window", "Animates the kernel as it slides over the input and fills in the output (w)",
               slide_panel},
    .actions = rows,
    .want = want,
    .job = job,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
