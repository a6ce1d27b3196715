/// Attribution: its request to the worker, its threads, its actions, and its saved state in a scene.
#include "app/ui/tools/attribute/attribute.h"

#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/tools/train/train.h"
#include "engine/attribute/sheet.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

bool visible(const Frame& f) { return f.view.tool == &attribute_tool; }

/// The request to the worker: the input of batch item `item`.
struct InputWanted {
    int item = 0;
    friend bool operator==(const InputWanted&, const InputWanted&) = default;
};

// clang-format off
constexpr Action rows[] = {
    {"attribute", "Attribution: what an output depends on", Menu::view, {{{'a', 0}}}, [](const Frame& f) { return f.shown != nullptr; }, [](Frame& f) { toggle_tool(f, attribute_tool); }},
};
// clang-format on

Value want(const Frame& f) { return visible(f) ? Value(InputWanted{f.draft.display.item}) : Value(); }

ToolJob job(const BackendChoice&) {
    return [of = std::shared_ptr<const Tensor>(), item = -1, last = AttributeInput()](
               const Value& want, const JobContext& c) mutable -> Expected<Value> {
        const int wanted = want.as<InputWanted>()->item;
        if (of != c.output.input || item != wanted) {
            of = c.output.input, item = wanted;
            last.input = item_of(of, wanted);
        }
        return Value(last);
    };
}

/// Returns the channel that is explained: the selected one, otherwise the one with the largest mean.
int explained_channel(const Frame& f) {
    const auto& stats = f.shown->stats;
    if (f.view.selected && *f.view.selected < static_cast<int>(stats.size())) return *f.view.selected;
    return static_cast<int>(std::ranges::max_element(stats, {}, &ChannelStats::mean) - stats.begin());
}

StudyTask study_of(const Frame& f, const AttributeView& v, const AttributeInput& input) {
    StudyTask task;
    const auto& layers = f.shown->network.layers;
    task.network.layers.assign(layers.begin(), layers.begin() + f.shown->shown_layer + 1);
    task.input = input.input;
    task.normalize = normalize_from(f.shown->normalize).value_or(Normalize::none);
    task.channel = explained_channel(f);
    for (const MethodText& text : methods()) task.chosen.push_back(*method_from(text.name));
    const auto found = std::ranges::find(task.network.layers, v.random_from, &Layer::name);
    task.random_from = found == task.network.layers.end() ? top_weights(task.network)
                                                          : static_cast<int>(found - task.network.layers.begin());
    const Shape in = task.input->shape();
    task.options.patch = {std::min(v.patch, in.h), std::min(v.patch, in.w)};
    task.options.stride = {v.stride, v.stride};
    task.seed = static_cast<std::uint32_t>(v.seed);
    task.field = true;
    return task;
}

/// Makes the study that of `task`. If only the random weights are others, the network's own maps stay.
bool study(AttributeView& v, const StudyTask& task) {
    return v.study.want(
        task, [&] { return Study(task, available_simd().front()); },
        [&](StudyTask before, StepThread<Study>& thread) {
            before.random_from = task.random_from, before.seed = task.seed;
            if (!(before == task)) return false;
            thread.change([from = task.random_from, seed = task.seed](Study& s) { s.randomize(from, seed); });
            return true;
        });
}

bool fool(AttributeView& v, const StudyTask& studied) {
    FoolingTask task{studied.network,
                     studied.input,
                     studied.normalize,
                     {static_cast<float>(v.epsilon), v.several ? steps_of_several : 1, {}}};
    return v.fool.want(
        task, [&] { return FoolingJob(task); }, [](const FoolingTask&, StepThread<FoolingJob>&) { return false; });
}

/// Takes the results of the threads. They run while the tool is visible, and start again when something else is shown.
void poll(Frame& f) {
    auto& v = f.states.of<AttributeView>();
    std::string failure;
    if (v.study.poll(failure) || v.fool.poll(failure)) f.requests.redraw = true;
    if (!failure.empty()) f.requests.error = failure;
    if (!visible(f)) {
        v.study.run(false);
        return;
    }
    const auto* input = f.shown ? f.shown->answer<AttributeInput>() : nullptr;
    if (!input || f.status.outdated || f.shown->stats.empty()) return;
    const StudyTask task = study_of(f, v, *input);
    if (v.input_of != input->input) {
        v.input_of = input->input;
        v.input = std::make_shared<const Image>(input_colors(*input->input, task.normalize));
    }
    const bool ready = v.fooling ? fool(v, task) : study(v, task);
    if (!ready) f.requests.wake_after = 0.05;
    const StudyView& view = v.study.view();
    v.study.run(!v.fooling && !v.paused && view.error.empty() && view.done < view.work);
}

bool busy(States& states) {
    const auto& v = states.of<AttributeView>();
    return v.study.running() || v.fool.running();
}

void closed(States& states, Closing) {
    auto& v = states.of<AttributeView>();
    v.study.close();
    v.fool.close();
}

ScenePart scene_part(States& states) {
    const auto& v = states.of<AttributeView>();
    const AttributeView usual;
    ScenePart::Object part;
    if (v.fooling) part["fooling"] = ScenePart{true};
    if (!v.random_from.empty()) part["random_from"] = ScenePart{v.random_from};
    if (v.seed != usual.seed) part["seed"] = ScenePart{static_cast<double>(v.seed)};
    if (v.patch != usual.patch) part["patch"] = ScenePart{static_cast<double>(v.patch)};
    if (v.stride != usual.stride) part["stride"] = ScenePart{static_cast<double>(v.stride)};
    if (v.epsilon != usual.epsilon) part["epsilon"] = ScenePart{static_cast<double>(v.epsilon)};
    if (!v.several) part["one_step"] = ScenePart{true};
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<AttributeView>();
    const AttributeView usual;
    v.fooling = part["fooling"].flag();
    v.random_from = part["random_from"].text();
    v.seed = static_cast<int>(std::clamp(part["seed"].number(usual.seed), 1.0, 1e9));
    v.epsilon = static_cast<int>(std::clamp(part["epsilon"].number(usual.epsilon), 0.0, 64.0));
    v.patch = static_cast<int>(std::clamp(part["patch"].number(usual.patch), 1.0, 128.0));
    v.stride = static_cast<int>(std::clamp(part["stride"].number(usual.stride), 1.0, 128.0));
    v.several = !part["one_step"].flag();
    v.paused = false;
}

void report(Frame& f) {
    if (!visible(f)) return;
    const auto& v = f.states.of<AttributeView>();
    const StudyView& s = v.study.view();
    std::string ranks;
    for (const StudyRow& row : s.rows) ranks += (ranks.empty() ? "" : " ") + (row.complete ? in_words(row.rank) : "-");
    f.map.state("attribute",
                fmt::format("{} {}/{} {}", s.explained.empty() ? "-" : s.explained, s.done, s.work, ranks));
    if (s.field)
        f.map.state("attribute.field",
                    fmt::format("{}x{} {:.1f}", s.field->map.shape().h, s.field->map.shape().w, s.field->side));
    f.map.state("attribute.random", std::to_string(v.study.task().random_from));
    f.map.state("attribute.channel", std::to_string(v.study.task().channel));
    const auto& error = v.fooling ? v.fool.view().error : s.error;
    f.map.state("attribute.error", error.empty() ? "-" : error);
    if (const auto& fooled = v.fool.view().fooled; v.fooling && fooled) {
        const auto answer = [](const std::vector<double>& p) { return std::ranges::max_element(p) - p.begin(); };
        f.map.state("attribute.fooled", fmt::format("{} {}", answer(fooled->before), answer(fooled->after)));
        const auto names = class_names(f, fooled->before.size());
        f.map.state("attribute.class", named_class(names, static_cast<int>(answer(fooled->before))));
    }
}

}  // namespace

std::vector<std::string> class_names(const Frame& f, std::size_t count) {
    std::vector<std::string> names;
    const TrainingShown& lesson = lesson_of(f);
    if (lesson.lesson == Lesson::largenet && lesson.data.training) {
        names = lesson.data.training->classes;
    } else if (f.shown) {
        const auto* layered = std::get_if<LayeredNetwork>(&f.shown->request.document.network);
        const auto* loaded = layered ? std::get_if<LoadedWeights>(&layered->weights) : nullptr;
        if (loaded && loaded->title.find("Fashion-MNIST") != std::string::npos) names = fashion_mnist_classes();
    }
    if (names.size() != count) names.clear();
    return names;
}

std::string named_class(const std::vector<std::string>& names, int index) {
    const auto i = static_cast<std::size_t>(index);
    return i < names.size() ? fmt::format("{} ({})", index, names[i]) : std::to_string(index);
}

bool FoolingJob::step() {
    auto fooled = convlens::fool(task_.network, task_.input, task_.normalize, task_.options, available_simd().front(),
                                 stop_.cancel());
    if (!fooled) {
        view_.error = fooled.error().message;
        return false;
    }
    view_.original = std::make_shared<const Image>(input_colors(*task_.input, task_.normalize));
    view_.difference =
        std::make_shared<const Image>(difference_colors(*task_.input, fooled->input, task_.normalize, 20));
    view_.changed = std::make_shared<const Image>(input_colors(fooled->input, task_.normalize));
    view_.fooled = std::make_shared<const Fooled>(std::move(*fooled));
    return false;
}

const Tool attribute_tool{
    .id = "attribute",
    .middle = {"Attribution",
               "Shows which pixels an output depends on, and whether a method can tell a trained network from a random "
               "one (a)",
               attribute_panel},
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
