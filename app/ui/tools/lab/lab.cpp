/// The lab tool: its actions and its worker thread.
#include "app/ui/tools/lab/lab.h"

#include "app/ui/frame.h"
#include "app/ui/wake.h"

namespace convlens {
namespace {

bool in_lab(const Frame& f) { return f.view.tool == &lab_tool; }

// clang-format off
constexpr Action rows[] = {
    {"lab", "Weight-sharing lab: why convolutions", Menu::view, {{{'l', 0}}}, [](const Frame&) { return true; }, [](Frame& f) { toggle_tool(f, lab_tool); }},
    {"lab.tie", "Lab: tie or untie the weights", Menu::view, {{{'t', 0}}}, in_lab, [](Frame& f) { auto& setup = f.states.of<Lab>().view.setup; setup.tied = !setup.tied; }},
};
// clang-format on

/// Sends the lab's settings to its worker if they have changed. Makes the worker when it is first needed.
void submit(Frame& f, Lab& lab) {
    const LabView& v = lab.view;
    auto request = std::make_shared<const LabRequest>(
        LabRequest{v.setup, v.from_picture && f.shown ? f.shown->input : nullptr, v.shift});
    if (lab.submitted && *lab.submitted == *request) return;
    if (!lab.worker) lab.worker.emplace([cpu = f.backend.cpu] { return make_lab_job(cpu); }, wake_window);
    lab.submitted = request;
    lab.worker->submit(std::move(request));
}

void draw(Frame& f) {
    lab_panel(f);
    submit(f, f.states.of<Lab>());
}

void poll(Frame& f) {
    auto& lab = f.states.of<Lab>();
    auto made = lab.worker ? lab.worker->poll() : std::nullopt;
    if (!made) return;
    f.requests.redraw = true;
    if (*made)
        lab.shown = std::move(**made);
    else
        f.requests.error = made->error().message;
}

bool busy(States& states) {
    const auto& worker = states.of<Lab>().worker;
    return worker && worker->busy();
}

/// Shifts the image by one pixel when an arrow key is pressed.
bool handle(Frame& f, const Event& event) {
    const auto* arrow = std::get_if<Arrow>(&event);
    if (!arrow || !in_lab(f)) return false;
    LabView& v = f.states.of<Lab>().view;
    v.shift = lab_shift(v.setup, {v.shift.h + arrow->dy, v.shift.w + arrow->dx});
    return true;
}

}  // namespace

const Tool lab_tool{.id = "lab",
                    .middle = {"Why convolutions",
                               "Compares a fully connected, a locally connected and a convolution layer on one small "
                               "image: their weights, connections and the effect of shifting the image (l)",
                               draw},
                    .keeps_side = false,
                    .actions = rows,
                    .poll = poll,
                    .busy = busy,
                    .handle = handle};

}  // namespace convlens
