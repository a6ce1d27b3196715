/// The microscope tool: its request to the worker, the job that answers it, and its actions.
#include "app/ui/tools/microscope/microscope.h"

#include <GLFW/glfw3.h>

#include "app/ui/tool.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/tools/microscope/microscope_job.h"
#include "app/ui/tools/microscope/value_explanation.h"

namespace convlens {

void keep_value(Frame& f) {
    View& v = f.view;
    if (v.pin && (!v.hover || v.hover == v.pin)) return v.pin.reset();
    const Shape& shape = f.shown->output_shape;
    v.pin = v.hover.value_or(PixelPosition{v.selected.value_or(f.shown->channels.front()), shape.h / 2, shape.w / 2});
    v.selected = v.pin->channel;
    if (v.side == &kernels_tool) v.side = &microscope_tool;
}

namespace {

/// Space freezes a camera that is on; otherwise it pins the value.
void pin(Frame& f) {
    if (!freeze_camera(f)) keep_value(f);
}

bool has_picture(const Frame& f) { return f.shown != nullptr; }

/// Opens or closes the microscope. Opening it pins a value if none is pinned, see keep_value().
void microscope(Frame& f) {
    if (!f.view.pin && f.view.tool != &microscope_tool) keep_value(f);
    toggle_tool(f, microscope_tool);
}

// clang-format off
constexpr Action rows[] = {
    {"copy.why", "Copy the value's terms as text", Menu::edit, {{{'C', GLFW_MOD_CONTROL}}}, [](const Frame& f) { return explanation_of(f) != nullptr; }, [](Frame& f) { f.requests.copy = to_text(*explanation_of(f)->explanation); }},
    {"pin", "Pin or unpin the value", Menu::grid, {{{GLFW_KEY_SPACE, 0}}}, has_picture, pin},
    {"microscope", "Microscope", Menu::view, {{{'m', 0}}}, has_picture, microscope},
};
// clang-format on

Value want(const Frame& f) {
    const auto position = f.view.explained();
    return position ? Value(*position) : Value();
}

ToolJob job(const BackendChoice&) {
    return [maker = std::make_shared<ValueExplainer>()](const Value& want, const JobContext& c) -> Expected<Value> {
        const PixelPosition& position = *want.as<PixelPosition>();
        const Shape& s = c.shown.output_shape;
        if (position.channel >= s.c || position.y >= s.h || position.x >= s.w)
            return Value();  // a position in an earlier, larger output
        auto why = maker->make(c.output, c.shown.input, position, c.backend, c.cancel);
        if (!why) return tl::unexpected(why.error());
        return Value(std::move(*why));
    };
}

void report(Frame& f) {
    if (!f.shown) return;
    const ValueExplanation* why = explanation_of(f);
    const Explanation* e = why ? why->explanation.get() : nullptr;
    f.map.state("why", e ? fmt::format("{} {} {} {} {:.6g} {:.6g}", e->asked_layer, e->position.channel, e->position.y,
                                       e->position.x, e->result, e->shown)
                         : "-");
}

}  // namespace

const Tool microscope_tool{
    .id = "microscope",
    .middle = {"Microscope", "Shows every term that one output value is computed from, in full size (m)",
               microscope_panel},
    .side = {"Why?", "Lists the terms that the pinned or hovered value is computed from", explanation_panel},
    .keeps_side = false,
    .actions = rows,
    .want = want,
    .job = job,
    .report = report};

}  // namespace convlens
