/// The lab tool: its actions and its worker thread.
#include "app/ui/tools/lab/lab.h"

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/wake.h"
#include "engine/core/named.h"

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

/// Names of the layers in a scene, by the value of LabView::panel.
constexpr std::array<std::string_view, 4> panels{"full", "local", "conv", "pooled"};

ScenePart::List pair(const Size2& s) { return {{static_cast<double>(s.h)}, {static_cast<double>(s.w)}}; }

/// Stores what differs from a new lab.
ScenePart scene_part(States& states) {
    const LabView &v = states.of<Lab>().view, standard;
    ScenePart::Object part;
    if (v.setup.side != standard.setup.side) part["side"] = {static_cast<double>(v.setup.side)};
    if (v.setup.kernel_size != standard.setup.kernel_size)
        part["kernel_size"] = {static_cast<double>(v.setup.kernel_size)};
    if (v.setup.tied) part["tied"] = {true};
    if (v.from_picture) part["picture"] = {true};
    if (v.shift != standard.shift) part["shift"] = {pair(v.shift)};
    if (v.unit != standard.unit) part["unit"] = {pair(v.unit)};
    if (v.panel != standard.panel)
        part["lit"] = {std::string(panels[static_cast<std::size_t>(std::clamp(v.panel, 0, 3))])};
    if (v.stage != standard.stage) {
        ScenePart::List shown;
        for (std::size_t i = 0; i < panels.size(); ++i)
            if ((v.stage >> i & 1U) != 0) shown.push_back({std::string(panels[i])});
        part["show"] = {std::move(shown)};
    }
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    LabView v;
    const auto whole = [](const ScenePart& p, int value, int lowest, int highest) {
        return static_cast<int>(std::clamp<double>(p.number(value), lowest, highest));
    };
    const auto size = [&](const ScenePart& p, Size2 value) {
        constexpr int far = 4096;
        return p.list().size() == 2 ? Size2{whole(p.list()[0], 0, -far, far), whole(p.list()[1], 0, -far, far)} : value;
    };
    v.setup.side = whole(part["side"], v.setup.side, lab_side_least, lab_side_most);
    v.setup.kernel_size = whole(part["kernel_size"], v.setup.kernel_size, lab_kernel_least, lab_kernel_most);
    v.setup.tied = part["tied"].flag();
    v.from_picture = part["picture"].flag();
    v.shift = lab_shift(v.setup, size(part["shift"], v.shift));
    v.unit = size(part["unit"], v.unit);
    v.panel = named<int>(panels, part["lit"].text()).value_or(v.panel);
    if (const auto shown = part["show"].list(); !shown.empty()) {
        v.stage = 0;
        for (const ScenePart& name : shown)
            if (const auto i = named<unsigned>(panels, name.text())) v.stage |= 1U << *i;
    }
    states.of<Lab>().view = v;
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
                    .handle = handle,
                    .scene_part = scene_part,
                    .show_part = show_part};

}  // namespace convlens
