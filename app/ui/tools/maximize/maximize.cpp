/// The search for optimal inputs: its thread, its actions, and when it starts again.
#include "app/ui/tools/maximize/maximize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <thread>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/tools/video/video.h"
#include "app/ui/wake.h"
#include "engine/cpu/simd.h"
#include "engine/nn/graph.h"
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
    task.network.layers = part_for(f.shown->network.layers, f.shown->shown_layer);
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
    MaximizeWanted wanted{v.from_image ? std::optional(f.draft.display.item) : std::nullopt,
                          v.patches && v.source == PatchSource::image};
    if (wanted.patches) wanted.channels = channels_of(f), wanted.selected = f.view.selected;
    return Value(wanted);
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
        if (!wanted.patches || wanted.channels.empty()) {
            last.patches = {};
        } else if (by != c.output.activations || !(last_wanted == wanted)) {
            auto found = patches_in(c.output, wanted.channels, wanted.selected, c.cancel);
            if (!found) return tl::unexpected(found.error());
            last.patches = std::move(*found);
        }
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
    if (!v.leaving.empty()) {  // one search at a time; the pictures of the one before are not those of this layer
        v.progress = {};
        return false;
    }
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

/// Returns the path of the series in which patches are looked for; empty if there is none.
std::string series_path(const Frame& f, const MaximizeView& v) {
    switch (v.source) {
        case PatchSource::image: break;
        case PatchSource::video: return video_path(f.draft);
        case PatchSource::fashion: return debian_fashion_mnist;
        case PatchSource::folder: return v.folder;
    }
    return {};
}

/// Lets the search in a series run while it is on screen.
void poll_series(Frame& f, MaximizeView& v) {
    std::string failure;
    if (v.series.poll(failure)) f.requests.redraw = true;
    if (!failure.empty()) f.requests.error = failure;
    const std::string path = series_path(f, v);
    if (path.empty()) return v.series.end();
    if (!visible(f) || !v.patches) return v.series.run(false);
    if (!f.shown || f.status.outdated || f.shown->channels.empty()) return;
    PatchesTask task{f.shown->request.document, path, channels_of(f), f.view.selected};
    task.document.input.source = PatternInput();
    task.document.input.crop.reset();
    task.document.display = {};
    CpuOptions cpu = f.backend.cpu;
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    cpu.threads = std::max(1, (cpu.threads > 0 ? cpu.threads : cores) - 1);
    const bool ready = v.series.want(
        task, [&] { return PatchesJob(task, cpu); },
        [&](const PatchesTask& before, StepThread<PatchesJob>& thread) {
            if (before.path != task.path) return false;  // opening the other series may take long
            thread.change([task](PatchesJob& job) { job.set(task); });
            return true;
        });
    if (!ready) f.requests.wake_after = 0.05;
    v.series.run(!v.stopped && !v.series.view().complete());
}

/// Pins the value of a patch when the picture that was opened for it is on screen.
void pin_patch(Frame& f, MaximizeView& v) {
    if (!v.to_pin || !f.shown || v.to_pin->source == decltype(Input::source)()) return;
    if (f.draft.input.source != v.to_pin->source) return v.to_pin.reset();
    if (f.shown->request.document.input.source != v.to_pin->source) return;
    const PixelPosition at = v.to_pin->position;
    if (at.y < f.shown->output_shape.h && at.x < f.shown->output_shape.w) f.view.pin = at;
    v.to_pin.reset();
}

/// Lets the search run while it is on screen, and starts it again when something else is to be searched.
void poll(Frame& f) {
    auto& v = f.states.of<MaximizeView>();
    std::erase_if(v.leaving, [](const auto& ended) { return ended(); });
    if (v.thread) v.thread->poll();
    poll_series(f, v);
    pin_patch(f, v);
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
    return !v.leaving.empty() || (v.thread && v.thread->playing()) || v.series.running();
}

void closed(States& states, Closing) {
    auto& v = states.of<MaximizeView>();
    v.series.close();
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
    if (o.scale != usual.scale) part["scale_percent"] = ScenePart{std::round(100 * static_cast<double>(o.scale))};
    if (o.rotation != usual.rotation) part["rotation"] = ScenePart{static_cast<double>(o.rotation)};
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
    o.scale = static_cast<float>(std::clamp(part["scale_percent"].number(0), 0.0, 50.0) / 100);
    o.rotation = static_cast<float>(std::clamp(part["rotation"].number(0), 0.0, 180.0));
    o.weight_decay = part["penalty"].flag(usual.weight_decay > 0) ? maximize_decay : 0;
    o.total_variation = part["smooth"].flag(usual.total_variation > 0) ? maximize_variation : 0;
    o.seed = static_cast<std::uint32_t>(std::clamp(part["seed"].number(usual.seed), 0.0, 4e9));
    return o;
}

/// The names of PatchSource in scenes.
constexpr std::array<std::string_view, 4> patch_sources{"image", "video", "fashion_mnist", "folder"};

ScenePart scene_part(States& states) {
    const auto& v = states.of<MaximizeView>();
    ScenePart::Object part;
    if (ScenePart first = part_of(v.of_first, MaximizeView::plain()); first != ScenePart())
        part["first_layer"] = std::move(first);
    if (ScenePart others = part_of(v.of_others, {}); others != ScenePart()) part["others"] = std::move(others);
    if (v.from_image) part["from_image"] = ScenePart{true};
    if (v.patches) part["patches"] = ScenePart{true};
    if (v.source != PatchSource::image)
        part["patches_of"] = ScenePart{std::string(patch_sources[static_cast<std::size_t>(v.source)])};
    if (!v.folder.empty()) part["folder"] = ScenePart{v.folder};
    const bool stopped = v.thread && !v.thread->playing() && !v.interrupted && v.progress.steps() > 0;
    if (const int steps = stopped ? v.progress.steps() : v.limit; steps != steps_at_a_time)
        part["steps"] = ScenePart{static_cast<double>(steps)};
    if (v.looked_at) part["step"] = ScenePart{static_cast<double>(*v.looked_at)};
    if (v.enlarged) part["enlarged"] = ScenePart{static_cast<double>(*v.enlarged)};
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<MaximizeView>();
    v.of_first = options_from(part["first_layer"], MaximizeView::plain());
    v.of_others = options_from(part["others"], {});
    v.from_image = part["from_image"].flag();
    v.patches = part["patches"].flag();
    const auto source = std::ranges::find(patch_sources, part["patches_of"].text());
    v.source =
        source == patch_sources.end() ? PatchSource::image : static_cast<PatchSource>(source - patch_sources.begin());
    v.folder = part["folder"].text();
    v.stopped = false;
    v.limit = static_cast<int>(std::clamp(part["steps"].number(steps_at_a_time), 1.0, 1e5));
    const auto step = static_cast<int>(std::clamp(part["step"].number(-1), -1.0, 1e5));
    v.looked_at = step < 0 ? std::nullopt : std::optional(step);
    const auto enlarged = static_cast<int>(std::clamp(part["enlarged"].number(-1), -1.0, 1e6));
    v.enlarged = enlarged < 0 ? std::nullopt : std::optional(enlarged);
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

/// Esc shows all pictures again.
bool handle(Frame& f, const Event& event) {
    auto& v = f.states.of<MaximizeView>();
    if (!std::holds_alternative<Back>(event) || v.patches || !v.enlarged_position()) return false;
    v.enlarged.reset();
    return true;
}

void report(Frame& f) {
    if (!visible(f)) return;
    auto& v = f.states.of<MaximizeView>();
    const MaximizeMoment* shown = v.moment();
    f.map.state("maximize", fmt::format("{} {} {} {}x{}", v.progress.steps(),
                                        v.thread && v.thread->playing() ? "searching" : "paused",
                                        shown ? shown->values.size() : 0, v.progress.picture.h, v.progress.picture.w));
    if (shown && f.map.enabled()) {
        if (v.summed.lock() != shown->grid) v.summed = shown->grid, v.sum = sum_of(*shown->grid);
        f.map.state("maximize.shown", fmt::format("{} {}", shown->steps, v.sum));
    }
    if (shown && !shown->likeness.empty())
        f.map.state("maximize.likeness",
                    fmt::format("{:.3f}", std::accumulate(shown->likeness.begin(), shown->likeness.end(), 0.0) /
                                              static_cast<double>(shown->likeness.size())));
    const auto* input = f.shown ? f.shown->answer<MaximizeInput>() : nullptr;
    const PatchesProgress& series = v.series.view();
    const bool in_series = v.source != PatchSource::image;
    if (v.patches && (input || in_series)) {
        const FoundPatches& found = in_series ? series.found : input->patches;
        f.map.state("maximize.patches", fmt::format("{} {} {}x{}", found.best.places.size(),
                                                    found.of_selected.places.size(), found.patch.h, found.patch.w));
        f.map.state("maximize.series", fmt::format("{}/{} {} {}", series.done, series.total, series.skipped,
                                                   v.series.running() ? "running" : "idle"));
        f.map.state("maximize.patches_error", found.error.empty() ? "-" : found.error);
    }
    f.map.state("maximize.enlarged", v.enlarged_position() ? fmt::format("{}", *v.enlarged) : "-");
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

std::optional<int> MaximizeView::enlarged_position() const {
    const auto& channels = task.options.channels;
    const auto found = enlarged && channels.size() > 1 ? std::ranges::find(channels, *enlarged) : channels.end();
    return found == channels.end() ? std::nullopt : std::optional(static_cast<int>(found - channels.begin()));
}

const MaximizeMoment* MaximizeView::moment() const {
    const MaximizeMoment* found = nullptr;
    for (const MaximizeMoment& m : progress.moments)
        if (!found || !looked_at || m.steps <= *looked_at) found = &m;
    return found;
}

void look_in_folder(Frame& f, const std::string& folder) {
    auto& v = f.states.of<MaximizeView>();
    v.source = PatchSource::folder;
    v.folder = folder;
    v.stopped = false;
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
    .handle = handle,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
