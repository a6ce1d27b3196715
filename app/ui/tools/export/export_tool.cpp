/// The export tool: its actions, the queue of exports, and the job with which the worker prepares them.
#include "app/ui/tools/export/export_tool.h"

#include <GLFW/glfw3.h>

#include <memory>

#include "app/fonts.h"
#include "app/ui/frame.h"
#include "engine/core/sentence.h"
#include "engine/io/file.h"
#include "engine/open/checkpoint.h"

namespace convlens {
namespace {

constexpr int ctrl = GLFW_MOD_CONTROL, shift = GLFW_MOD_SHIFT;

bool has_picture(const Frame& f) { return f.shown != nullptr; }

/// Copies a script that draws the same grid to the clipboard, and writes the arrays that it loads to an .npz file.
void copy_code(Frame& f, ScriptLibrary library) {
    enqueue(f, code_job(f.draft, library, suggested_path(f.draft.input, "-weights", ".npz")));
}

// clang-format off
constexpr Action rows[] = {
    {"save", "Export the grid as a picture (.png)", Menu::file, {{{'E', ctrl}}}, has_picture, [](Frame& f) { export_now(f, false); }},
    {"export", "Export pictures, values or kernels ...", Menu::file, {{{'E', ctrl | shift}}}, has_picture, open_export},
    {"save.weights", "Export the weights for PyTorch (.safetensors)", Menu::file, {{}}, has_picture, save_weights},
    {"save.onnx", "Export the network with its weights (.onnx)", Menu::file, {{}}, has_picture, save_network},
    {"copy.grid", "Copy grid as image", Menu::edit, {{{'C', ctrl | shift}}}, has_picture, [](Frame& f) { export_now(f, true); }},
    {"copy.torch", "Copy a PyTorch script that draws this grid", Menu::edit, {{}}, has_picture, [](Frame& f) { copy_code(f, ScriptLibrary::pytorch); }},
    {"copy.numpy", "Copy a NumPy script that draws this grid", Menu::edit, {{}}, has_picture, [](Frame& f) { copy_code(f, ScriptLibrary::numpy); }},
};
// clang-format on

/// A request to export the weights of the network on screen, or its layers and weights as ONNX.
struct WeightsOut {
    std::string path;   ///< Output file; if it exists, a number is added to its name.
    bool onnx = false;  ///< Whether it is an ONNX file.
    int number = 0;     ///< As in ExportRequest.

    friend bool operator==(const WeightsOut&, const WeightsOut&) = default;
};

using Item = std::variant<ExportRequest, WeightsOut>;

/// Exports that wait to be drawn or read; the worker processes the first one.
struct Queue {
    std::deque<Item> items;
    int count = 0;  ///< Number of exports so far.
};

/// The worker's answer: a job that does the rest of export `number`, which needs neither the network nor the backend.
struct Ready {
    int number = 0;
    std::shared_ptr<const LoadJob> job;
};

/// Returns the unique number of the request.
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

/// Prepares an export of what is on screen; uses the CPU if OpenGL fails.
LoadJob prepared(const ExportRequest& what, const JobContext& c) {
    auto encode = c.backend.guarded([&]() -> Expected<Encode> {
        const auto output = evaluate(c.output.document, c.backend, Cancel(), &c.output);
        if (!output) return tl::unexpected(output.error());
        return prepare_export(*output, what.order, c.backend, export_typeface(), Cancel());
    });
    return export_job({what, std::move(encode)});
}

LoadJob prepared(const WeightsOut& what, const JobContext& c) {
    return [network = c.output.network, document = c.output.document, input = c.output.input->shape(),
            title = c.shown.kernels_title, what]() -> Expected<Done> {
        const auto written = save_unused(what.path, [&](const std::string& path) {
            return what.onnx ? save_onnx(path, document, network, input, Existing::kept)
                             : save_weights(path, network, title, Existing::kept);
        });
        if (!written)
            return what.onnx ? fail("the network was not saved: {}", written.error().message)
                             : fail("the weights were not saved: {}", written.error().message);
        return [path = *written](Frame& f) { report_saved(f, path); };
    };
}

/// Prepares each export once, even if the window requests it again before it has the answer.
ToolJob job(const BackendChoice&) {
    // A weak pointer: the pixels are freed when nobody needs the answer any more.
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
    f.requests.write.push_back({Saves::file, ready->job});
}

bool saving(States& states) { return !states.of<Queue>().items.empty(); }

/// Returns what the request exports, as in a sentence of the window.
const char* thing_of(const Item& item) {
    if (const auto* what = std::get_if<ExportRequest>(&item)) return tr(export_name(what->order.what).thing);
    return tr(std::get<WeightsOut>(item).onnx ? "the network" : "the weights");
}

/// Cancels all waiting exports if the document cannot be computed, and adds to the error message that they were not
/// saved.
bool handle(Frame& f, const Event& event) {
    const auto* failed = std::get_if<RenderFailed>(&event);
    auto& items = f.states.of<Queue>().items;
    if (!failed || items.empty()) return false;
    std::string things;
    for (const Item& item : items) {
        if (!things.empty()) things += ", ";
        things += thing_of(item);
    }
    failed->sentence += sentence("; not saved: {}", things);
    items.clear();
    return true;
}

void report(Frame& f) {
    f.map.state("export", f.view.overlay == &export_overlay ? f.states.of<ExportView>().path : "-");
}

}  // namespace

void export_request(Frame& f, ExportRequest what) { add(f, std::move(what)); }

void save_weights(Frame& f) { add(f, WeightsOut{suggested_path(f.draft.input, "-weights", ".safetensors")}); }
void save_network(Frame& f) { add(f, WeightsOut{suggested_path(f.draft.input, "-network", ".onnx"), true}); }

const Overlay export_overlay{.draw = export_panel, .keyboard = true};

const Tool export_tool{.id = "export",
                       .actions = rows,
                       .want = want,
                       .job = job,
                       .poll = poll,
                       .saving = saving,
                       .handle = handle,
                       .report = report};

}  // namespace convlens
