/// The search for optimal inputs: its thread, its actions, and when it starts again.
#include "app/ui/tools/maximize/maximize.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/wake.h"
#include "engine/cpu/simd.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_side = 64;  ///< Of a picture in the grid, in pixels.

bool visible(const Frame& f) { return f.view.tool == &maximize_tool; }

bool is_relu(const Layer& layer) { return std::holds_alternative<ReLU>(layer.operation); }

// clang-format off
constexpr Action rows[] = {
    {"maximize", "Optimal inputs of the channels", Menu::view, {{{'o', 0}}}, [](const Frame& f) { return f.shown != nullptr; }, [](Frame& f) { toggle_tool(f, maximize_tool); }},
};
// clang-format on

/// Returns what is to be searched for the grid on screen.
MaximizeTask task_of(const Frame& f, const MaximizeOptions& options) {
    MaximizeTask task;
    const auto& layers = f.shown->network.layers;
    task.network.layers.assign(layers.begin(), layers.begin() + f.shown->shown_layer + 1);
    task.input_channels = f.shown->input_shape.c;
    task.normalize = normalize_from(f.shown->normalize).value_or(Normalize::none);
    task.options = options;
    if (sees_whole_picture(task.network)) task.options.size = {f.shown->input_shape.h, f.shown->input_shape.w};
    // The first ones on screen; in order, so that sorting the grid does not start a search.
    task.options.channels = f.shown->channels;
    if (task.options.channels.size() > max_maximized) task.options.channels.resize(max_maximized);
    std::ranges::sort(task.options.channels);
    return task;
}

/// Lets the search run while it is on screen, and starts it again when something else is to be searched.
void poll(Frame& f) {
    auto& v = f.states.of<MaximizeView>();
    std::erase_if(v.leaving, [](const auto& ended) { return ended(); });
    if (v.thread) v.thread->poll();
    if (!visible(f)) {
        if (v.thread && v.thread->playing()) {
            v.thread->pause();
            v.interrupted = true;
        }
        return;
    }
    if (!f.shown || f.status.outdated) return;
    v.first_layer = f.shown->shown_layer == 0 || (f.shown->shown_layer == 1 && is_relu(f.shown->network.layers[1]));
    if (MaximizeTask task = task_of(f, v.options()); !v.thread || !(task == v.task)) {
        if (v.thread) {
            v.thread->end();
            v.leaving.push_back([thread = std::move(v.thread)] { return thread->ended(); });
        }
        if (!v.leaving.empty()) {  // one search at a time
            f.requests.wake_after = 0.05;
            return;
        }
        v.task = task;
        v.progress = {};
        v.version = -1;
        const int cores = static_cast<int>(std::thread::hardware_concurrency());
        v.thread = std::make_shared<StepThread<MaximizeJob>>(MaximizeJob(std::move(task), steps_at_a_time),
                                                             std::max(1, cores - 1), wake_window);
        v.thread->play();
    }
    if (std::exchange(v.interrupted, false)) v.thread->play();
    if (const long version = v.thread->version(); version != v.version) {
        v.version = version;
        v.progress = v.thread->view();
        f.requests.redraw = true;
    }
    if (const std::string failure = v.thread->take_failure(); !failure.empty()) f.requests.error = failure;
}

bool busy(States& states) {
    const auto& v = states.of<MaximizeView>();
    return !v.leaving.empty() || (v.thread && v.thread->playing());
}

void closed(States& states, Closing) {
    auto& v = states.of<MaximizeView>();
    v.thread.reset();
    v.leaving.clear();
}

/// Returns the options that differ from `usual`.
ScenePart part_of(const MaximizeOptions& o, const MaximizeOptions& usual) {
    ScenePart::Object part;
    if (o.objective != usual.objective) part["mean"] = ScenePart{o.objective == Objective::channel};
    if (o.spectrum != usual.spectrum) part["frequencies"] = ScenePart{o.spectrum};
    if (o.low_pass != usual.low_pass) part["low_pass"] = ScenePart{o.low_pass > 0};
    if (o.correlated_colors != usual.correlated_colors) part["photo_colors"] = ScenePart{o.correlated_colors};
    if (o.jitter != usual.jitter) part["jitter"] = ScenePart{o.jitter > 0};
    if (o.weight_decay != usual.weight_decay) part["penalty"] = ScenePart{o.weight_decay > 0};
    if (o.seed != usual.seed) part["seed"] = ScenePart{static_cast<double>(o.seed)};
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

MaximizeOptions options_from(const ScenePart& part, const MaximizeOptions& usual) {
    MaximizeOptions o = usual;
    o.objective = part["mean"].flag(usual.objective == Objective::channel) ? Objective::channel : Objective::unit;
    o.spectrum = part["frequencies"].flag(usual.spectrum);
    o.low_pass = part["low_pass"].flag(usual.low_pass > 0) ? MaximizeOptions().low_pass : 0;
    o.correlated_colors = part["photo_colors"].flag(usual.correlated_colors);
    o.jitter = part["jitter"].flag(usual.jitter > 0) ? maximize_jitter : 0;
    o.weight_decay = part["penalty"].flag(usual.weight_decay > 0) ? maximize_decay : 0;
    o.seed = static_cast<std::uint32_t>(std::clamp(part["seed"].number(usual.seed), 0.0, 4e9));
    return o;
}

ScenePart scene_part(States& states) {
    const auto& v = states.of<MaximizeView>();
    ScenePart::Object part;
    if (ScenePart first = part_of(v.of_first, MaximizeView::plain()); first != ScenePart())
        part["first_layer"] = std::move(first);
    if (ScenePart others = part_of(v.of_others, {}); others != ScenePart()) part["others"] = std::move(others);
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<MaximizeView>();
    v.of_first = options_from(part["first_layer"], MaximizeView::plain());
    v.of_others = options_from(part["others"], {});
}

void report(Frame& f) {
    if (!visible(f)) return;
    const auto& v = f.states.of<MaximizeView>();
    f.map.state("maximize", fmt::format("{} {} {} {}x{}", v.progress.steps,
                                        v.thread && v.thread->playing() ? "searching" : "paused",
                                        v.progress.values.size(), v.progress.picture.h, v.progress.picture.w));
    f.map.state("maximize.error", v.progress.error.empty() ? "-" : v.progress.error);
}

}  // namespace

bool MaximizeJob::step() {
    if (!error_.empty()) return false;
    if (!search_) {
        auto made = Maximizer::make(task_.network, task_.input_channels, task_.normalize, task_.options);
        if (!made)
            error_ = made.error().message;
        else
            search_.emplace(std::move(*made));
        return error_.empty();
    }
    if (search_->steps() >= limit_) return false;
    search_->step(available_simd().front());
    return search_->steps() < limit_;
}

MaximizeProgress MaximizeJob::view() const {
    if (!search_) return {0, nullptr, {}, {}, error_};
    const Tensor pictures = search_->pictures();
    auto grid = picture_grid(pictures, maximize_columns, least_side, {0, 0, 0, 0});
    if (!grid) return {0, nullptr, {}, {}, grid.error().message};
    return {search_->steps(),
            std::make_shared<const Image>(std::move(*grid)),
            {pictures.shape().h, pictures.shape().w},
            search_->last_values(),
            {}};
}

const Tool maximize_tool{
    .id = "maximize",
    .middle = {"Optimal inputs",
               "Searches, for each channel, the picture that it is strongest for (activation maximization, o)",
               maximize_panel},
    .actions = rows,
    .poll = poll,
    .busy = busy,
    .closed = closed,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
