/// The search for optimal inputs: its thread, its actions, and when it starts again.
#include "app/ui/tools/maximize/maximize.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <thread>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/wake.h"
#include "engine/cpu/simd.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

constexpr int least_side = 64;                                  ///< Of a picture in the grid, in pixels.
constexpr std::size_t max_time_line = std::size_t{128} << 20U;  ///< Bytes of its pictures.

bool visible(const Frame& f) { return f.view.tool == &maximize_tool; }

bool is_relu(const Layer& layer) { return std::holds_alternative<ReLU>(layer.operation); }

// clang-format off
constexpr Action rows[] = {
    {"maximize", "Optimal inputs of the channels", Menu::view, {{{'o', 0}}}, [](const Frame& f) { return f.shown != nullptr; }, [](Frame& f) { toggle_tool(f, maximize_tool); }},
};
// clang-format on

/// Returns the first channels on screen; in order, so that sorting the grid does not start a search.
std::vector<int> channels_of(const Frame& f) {
    std::vector<int> channels = f.shown->channels;
    if (channels.size() > max_maximized) channels.resize(max_maximized);
    std::ranges::sort(channels);
    return channels;
}

/// Returns a weighted sum of all colors, by which tests compare images.
std::uint64_t sum_of(const Image& image) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < image.rgba.size(); ++i) sum += (i + 1) * image.rgba[i];
    return sum;
}

/// Returns what is to be searched for the grid on screen.
MaximizeTask task_of(const Frame& f, const MaximizeOptions& options) {
    MaximizeTask task;
    const auto& layers = f.shown->network.layers;
    task.network.layers.assign(layers.begin(), layers.begin() + f.shown->shown_layer + 1);
    task.input_channels = f.shown->input_shape.c;
    task.normalize = normalize_from(f.shown->normalize).value_or(Normalize::none);
    task.options = options;
    const auto* input = f.shown->answer<MaximizeInput>();
    if (f.states.of<MaximizeView>().from_image && input) task.options.start = input->colors;
    if (sees_whole_picture(task.network)) task.options.size = {f.shown->input_shape.h, f.shown->input_shape.w};
    task.options.channels = channels_of(f);
    return task;
}

Value want(const Frame& f) {
    if (!visible(f) || !f.shown) return {};
    const auto& v = f.states.of<MaximizeView>();
    MaximizeWanted wanted{v.from_image ? std::optional(f.draft.display.item) : std::nullopt, v.patches};
    if (v.patches) wanted.channels = channels_of(f), wanted.selected = f.view.selected;
    return Value(wanted);
}

/// Cuts out the strongest patches of `channels` in all images of the output.
Expected<CutPatches> cut_patches(const Output& output, std::vector<int> channels, int count, int columns, Size2& size,
                                 const Cancel& cancel) {
    const int items = output.activations->shape().n;
    StrongestPatches found(channels, count, std::max(2, (count + items - 1) / items));
    for (int item = 0; item < items; ++item) {
        if (cancel.requested()) return canceled();
        if (auto ok = found.add(item, output.network, *output.input, output.plan.layer, *output.activations, item,
                                effective_normalize(output.document));
            !ok)
            return tl::unexpected(ok.error());
    }
    const Tensor patches = found.patches();
    size = {patches.shape().h, patches.shape().w};
    auto grid = picture_grid(patches, columns, least_side, {0, 0, 0, 0});
    if (!grid) return tl::unexpected(grid.error());
    CutPatches cut{std::make_shared<const Image>(std::move(*grid)), {}};
    for (std::size_t i = 0; i < channels.size(); ++i) {
        const auto& places = found.places(i);
        cut.places.insert(cut.places.end(), places.begin(), places.end());
        cut.places.resize((i + 1) * static_cast<std::size_t>(count), StrongPlace{-1, 0, 0, 0, {}});
    }
    return cut;
}

/// Computes the patches that are wanted; their error is part of the answer, unless they were canceled.
Expected<void> add_patches(MaximizeInput& to, const MaximizeWanted& wanted, const JobContext& c) {
    to.best = to.of_selected = {};
    to.error.clear();
    if (!wanted.patches || wanted.channels.empty()) return {};
    auto best = cut_patches(c.output, wanted.channels, 1, maximize_columns, to.patch, c.cancel);
    if (best && wanted.selected && *wanted.selected < c.output.activations->shape().c) {
        auto nine = cut_patches(c.output, {*wanted.selected}, strongest_patches, 3, to.patch, c.cancel);
        if (!nine) best = tl::unexpected(nine.error());
        if (nine) to.of_selected = std::move(*nine), to.selected = *wanted.selected;
    }
    if (!best && best.error().canceled) return tl::unexpected(best.error());
    if (best)
        to.best = std::move(*best), to.channels = wanted.channels;
    else
        to.error = best.error().message;
    return {};
}

ToolJob job(const BackendChoice&) {
    return [of = std::shared_ptr<const Tensor>(), by = std::shared_ptr<const Activations>(),
            last_wanted = MaximizeWanted(),
            last = MaximizeInput()](const Value& want, const JobContext& c) mutable -> Expected<Value> {
        const auto& wanted = *want.as<MaximizeWanted>();
        if (!wanted.item)
            last.colors = nullptr;
        else if (of != c.output.input || last_wanted.item != wanted.item)
            last.colors = std::make_shared<const Tensor>(
                colors_of(*c.output.input, *wanted.item, effective_normalize(c.output.document)));
        if (by != c.output.activations || !(last_wanted == wanted))
            if (auto ok = add_patches(last, wanted, c); !ok) return tl::unexpected(ok.error());
        of = c.output.input, by = c.output.activations, last_wanted = wanted;
        return Value(last);
    };
}

/// Starts the search, or lets it go on to another number of steps. Returns false if it has to wait for the one before.
bool begin(MaximizeView& v, MaximizeTask task) {
    if (v.thread && task == v.task && !(v.restored && v.progress.steps() > v.limit)) {
        if (std::exchange(v.restored, false)) search_to(v, v.limit);
        return true;
    }
    if (v.thread) {
        v.thread->end();
        v.leaving.push_back([thread = std::move(v.thread)] { return thread->ended(); });
    }
    if (!v.leaving.empty()) return false;  // one search at a time
    if (!std::exchange(v.restored, false)) v.limit = steps_at_a_time, v.looked_at.reset();
    v.task = task;
    v.progress = {};
    v.version = -1;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    v.thread = std::make_shared<StepThread<MaximizeJob>>(MaximizeJob(std::move(task), v.limit), std::max(1, cores - 1),
                                                         wake_window);
    v.thread->play();
    return true;
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
    if (v.patches) {
        if (v.thread && v.thread->playing()) v.thread->pause(), v.interrupted = true;
        return;
    }
    const auto* input = f.shown->answer<MaximizeInput>();
    if (v.from_image && !(input && input->colors)) return;
    if (!begin(v, task_of(f, v.options()))) {
        f.requests.wake_after = 0.05;
        return;
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
    if (o.total_variation != usual.total_variation) part["smooth"] = ScenePart{o.total_variation > 0};
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
    o.total_variation = part["smooth"].flag(usual.total_variation > 0) ? maximize_variation : 0;
    o.seed = static_cast<std::uint32_t>(std::clamp(part["seed"].number(usual.seed), 0.0, 4e9));
    return o;
}

ScenePart scene_part(States& states) {
    const auto& v = states.of<MaximizeView>();
    ScenePart::Object part;
    if (ScenePart first = part_of(v.of_first, MaximizeView::plain()); first != ScenePart())
        part["first_layer"] = std::move(first);
    if (ScenePart others = part_of(v.of_others, {}); others != ScenePart()) part["others"] = std::move(others);
    if (v.from_image) part["from_image"] = ScenePart{true};
    if (v.patches) part["patches"] = ScenePart{true};
    const bool stopped = v.thread && !v.thread->playing() && !v.interrupted && v.progress.steps() > 0;
    if (const int steps = stopped ? v.progress.steps() : v.limit; steps != steps_at_a_time)
        part["steps"] = ScenePart{static_cast<double>(steps)};
    if (v.looked_at) part["step"] = ScenePart{static_cast<double>(*v.looked_at)};
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<MaximizeView>();
    v.of_first = options_from(part["first_layer"], MaximizeView::plain());
    v.of_others = options_from(part["others"], {});
    v.from_image = part["from_image"].flag();
    v.patches = part["patches"].flag();
    v.limit = static_cast<int>(std::clamp(part["steps"].number(steps_at_a_time), 1.0, 1e5));
    const auto step = static_cast<int>(std::clamp(part["step"].number(-1), -1.0, 1e5));
    v.looked_at = step < 0 ? std::nullopt : std::optional(step);
    v.restored = true;
}

/// Returns, for the first convolution of a network, the cosine similarities of pictures, around gray, and kernels,
/// which are the closed form of what the search finds: of all pictures with one length, the kernel has the largest
/// product with itself. Empty for other layers.
std::vector<double> likeness_of(const MaximizeTask& task, const Tensor& pictures) {
    const auto* conv = std::get_if<Conv2d>(&task.network.layers.front().operation);
    const bool first =
        task.network.layers.size() == 1 || (task.network.layers.size() == 2 && is_relu(task.network.layers.back()));
    const Shape s = pictures.shape();
    if (!conv || !first || conv->params.flip || conv->weight->shape().c != s.c ||
        conv->kernel_size() != Size2{s.h, s.w})
        return {};
    std::vector<double> all;
    for (int n = 0; n < s.n; ++n) {
        double product = 0, of_picture = 0, of_kernel = 0;
        for (int c = 0; c < s.c; ++c) {
            const auto picture = pictures.plane(n, c),
                       kernel = conv->weight->plane(task.options.channels[static_cast<std::size_t>(n)], c);
            const double deviation = static_cast<double>(levels_of(task.normalize, c, s.c).deviation);
            for (std::size_t i = 0; i < picture.size(); ++i) {
                const double a = static_cast<double>(picture[i]) - 0.5, b = static_cast<double>(kernel[i]) / deviation;
                product += a * b, of_picture += a * a, of_kernel += b * b;
            }
        }
        const double lengths = std::sqrt(of_picture * of_kernel);
        all.push_back(lengths > 0 ? product / lengths : 0);
    }
    return all;
}

void report(Frame& f) {
    if (!visible(f)) return;
    const auto& v = f.states.of<MaximizeView>();
    const MaximizeMoment* shown = v.moment();
    f.map.state("maximize", fmt::format("{} {} {} {}x{}", v.progress.steps(),
                                        v.thread && v.thread->playing() ? "searching" : "paused",
                                        shown ? shown->values.size() : 0, v.progress.picture.h, v.progress.picture.w));
    if (shown && f.map.enabled())
        f.map.state("maximize.shown", fmt::format("{} {}", shown->steps, sum_of(*shown->grid)));
    if (shown && !shown->likeness.empty())
        f.map.state("maximize.likeness",
                    fmt::format("{:.3f}", std::accumulate(shown->likeness.begin(), shown->likeness.end(), 0.0) /
                                              static_cast<double>(shown->likeness.size())));
    const auto* input = f.shown ? f.shown->answer<MaximizeInput>() : nullptr;
    if (v.patches && input)
        f.map.state("maximize.patches", fmt::format("{} {} {}x{}", input->best.places.size(),
                                                    input->of_selected.places.size(), input->patch.h, input->patch.w));
    f.map.state("maximize.error", v.progress.error.empty() ? "-" : v.progress.error);
}

}  // namespace

bool MaximizeJob::record() {
    const Tensor pictures = search_->pictures();
    auto grid = picture_grid(pictures, maximize_columns, least_side, {0, 0, 0, 0});
    if (!grid) {
        view_ = {{}, {}, grid.error().message};
        return false;
    }
    view_.picture = {pictures.shape().h, pictures.shape().w};
    auto& moments = view_.moments;
    if (!moments.empty() && moments.back().steps % every_ != 0) moments.pop_back();
    const std::size_t bytes = grid->rgba.size();
    if (moments.size() >= std::clamp<std::size_t>(max_time_line / bytes, 8, 128)) {
        every_ *= 2;
        std::erase_if(moments, [&](const MaximizeMoment& m) { return m.steps % every_ != 0; });
    }
    moments.push_back({search_->steps(), std::make_shared<const Image>(std::move(*grid)), search_->last_values(),
                       likeness_of(task_, pictures)});
    return true;
}

bool MaximizeJob::step() {
    if (!view_.error.empty()) return false;
    if (!search_) {
        auto made = Maximizer::make(task_.network, task_.input_channels, task_.normalize, task_.options);
        if (!made) {
            view_.error = made.error().message;
            return false;
        }
        search_.emplace(std::move(*made));
        return record();
    }
    if (search_->steps() >= limit_) return false;
    search_->step(available_simd().front());
    return record() && search_->steps() < limit_;
}

const MaximizeMoment* MaximizeView::moment() const {
    const MaximizeMoment* found = nullptr;
    for (const MaximizeMoment& m : progress.moments)
        if (!found || !looked_at || m.steps <= *looked_at) found = &m;
    return found;
}

void search_to(MaximizeView& v, int steps) {
    v.limit = steps;
    if (!v.thread) return;
    v.thread->change([steps](MaximizeJob& job) { job.set_limit(steps); });
    v.thread->play();
}

const Tool maximize_tool{
    .id = "maximize",
    .middle =
        {"Optimal inputs",
         "Searches, for each channel, the picture that it is strongest for (activation maximization), and shows the "
         "strongest patches of the images (o)",
         maximize_panel},
    .actions = rows,
    .want = want,
    .job = job,
    .poll = poll,
    .busy = busy,
    .closed = closed,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
