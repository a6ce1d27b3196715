/// Export's row: a queue of what is to be taken out, and the worker's part of it.
#include "app/ui/tools/export/export_tool.h"

#include <GLFW/glfw3.h>

#include <memory>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "engine/io/file.h"
#include "engine/open/checkpoint.h"

namespace convlens {
namespace {

constexpr int ctrl = GLFW_MOD_CONTROL, shift = GLFW_MOD_SHIFT;

bool has_picture(const Frame& f) { return f.shown != nullptr; }

/// A script that does what the document does; its arrays go into a file.
void copy_code(Frame& f, Dialect dialect) {
    enqueue(f, code_job(f.draft, dialect, suggested_path(f.draft.input, "-weights", ".npz")));
}

// clang-format off
constexpr Action rows[] = {
    {"save", "Save grid as PNG", Menu::file, {{{'E', ctrl}}}, has_picture, [](Frame& f) { export_now(f, false); }},
    {"export", "Export ...", Menu::file, {{{'E', ctrl | shift}}}, has_picture, open_export},
    {"save.weights", "Save weights as .safetensors", Menu::file, {{}}, has_picture, save_weights},
    {"copy.grid", "Copy the grid as an image", Menu::edit, {{{'C', ctrl | shift}}}, has_picture, [](Frame& f) { export_now(f, true); }},
    {"copy.torch", "Copy as PyTorch", Menu::edit, {{}}, has_picture, [](Frame& f) { copy_code(f, Dialect::pytorch); }},
    {"copy.numpy", "Copy as NumPy", Menu::edit, {{}}, has_picture, [](Frame& f) { copy_code(f, Dialect::numpy); }},
};
// clang-format on

/// The weights of the network on screen.
struct WeightsOut {
    std::string path;  ///< Where to; another free one where that is taken.
    int number = 0;    ///< As ExportRequest has it.
    friend bool operator==(const WeightsOut&, const WeightsOut&) = default;
};

using Item = std::variant<ExportRequest, WeightsOut>;

/// What waits to be drawn or read; the first is on its way.
struct Queue {
    std::deque<Item> items;
    int count = 0;  ///< Of all so far.
};

/// The worker's answer: what is left to do needs neither network nor back end.
struct Ready {
    int number = 0;
    std::shared_ptr<const LoadJob> job;
};

int number_of(const Item& item) {
    return std::visit([](const auto& i) { return i.number; }, item);
}

template <class Out>
void add(Frame& f, Out out) {
    auto& queue = f.states.of<Queue>();
    out.number = ++queue.count;
    queue.items.emplace_back(std::move(out));
}

Value want(const Frame& f) {
    const auto& items = f.states.of<Queue>().items;
    return items.empty() ? Value() : Value(items.front());
}

/// What is to be written of what is on screen, from the CPU when OpenGL fails at it.
LoadJob prepared(const ExportRequest& what, const JobContext& c) {
    auto encode = c.backend.guarded([&]() -> Expected<Encode> {
        const auto output = evaluate(c.output.document, c.backend, Cancel(), &c.output);
        if (!output) return tl::unexpected(output.error());
        return prepare_export(*output, what.order, c.backend, export_typeface(), Cancel());
    });
    return export_job({what, std::move(encode)});
}

LoadJob prepared(const WeightsOut& what, const JobContext& c) {
    return [network = c.output.network, title = c.shown.kernels_title, what]() -> Expected<Done> {
        const std::string path = unused_path(what.path);
        if (const auto written = save_weights(path, network, title); !written)
            return fail("the weights were not saved: {}", written.error().message);
        return [path](Frame& f) { f.requests.note = fmt::format("saved {}", path); };
    };
}

/// Prepares each once, however many requests ask for it before the window has the answer.
ToolJob job(const BackendChoice&) {
    // The pixels are kept by whoever has the answer, not here.
    return [number = 0, last = std::weak_ptr<const LoadJob>()](const Value& want,
                                                               const JobContext& c) mutable -> Expected<Value> {
        const Item& item = *want.as<Item>();
        auto made = number == number_of(item) ? last.lock() : nullptr;
        if (!made)
            made = std::make_shared<const LoadJob>(std::visit([&](const auto& out) { return prepared(out, c); }, item));
        number = number_of(item);
        last = made;
        return Value(Ready{number, std::move(made)});
    };
}

void poll(Frame& f) {
    auto& items = f.states.of<Queue>().items;
    const Ready* ready = f.shown ? f.shown->answer<Ready>() : nullptr;
    if (!ready || items.empty() || number_of(items.front()) != ready->number) return;
    items.pop_front();
    f.requests.write.push_back(ready->job);
}

bool busy(States& states) { return !states.of<Queue>().items.empty(); }

/// Nothing of what waits can be had.
bool handle(Frame& f, const Event& event) {
    const auto* failed = std::get_if<RenderFailed>(&event);
    auto& items = f.states.of<Queue>().items;
    if (!failed || items.empty()) return false;
    const auto* what = std::get_if<ExportRequest>(&items.front());
    failed->sentence += fmt::format("; {} not saved", what ? export_name(what->order.what).thing : "the weights");
    items.clear();
    return true;
}

void report(Frame& f) {
    f.map.state("export", f.view.overlay == &export_overlay ? f.states.of<ExportView>().path : "-");
}

}  // namespace

void take_out(Frame& f, ExportRequest what) { add(f, std::move(what)); }

void save_weights(Frame& f) { add(f, WeightsOut{suggested_path(f.draft.input, "-weights", ".safetensors")}); }

const Overlay export_overlay{.draw = export_panel, .keyboard = true};

const Tool export_tool{.id = "export",
                       .actions = rows,
                       .want = want,
                       .job = job,
                       .poll = poll,
                       .busy = busy,
                       .handle = handle,
                       .report = report};

}  // namespace convlens
