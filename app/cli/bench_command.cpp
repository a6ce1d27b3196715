/// `convlens bench`: measures the speed of the backends on this machine.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>

#include "app/cli/commands.h"
#include "app/gpu/gl_backend.h"
#include "engine/document/plan.h"
#include "engine/nn/graph.h"
#include "engine/reference/random_case.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

/// A network, its input and the layer up to which it runs.
struct Workload {
    std::string name;
    Network network;
    std::shared_ptr<const Tensor> input;
    int layer = 0;
    DisplayOptions display;
};

/// A backend to measure.
struct BenchmarkedBackend {
    std::unique_ptr<Backend> backend;
    std::string name;
    const GlBackend* gl = nullptr;  ///< `backend` if it is OpenGL, to read its timer; otherwise null.
};

/// Medians over the measured runs, in milliseconds.
struct Times {
    double layers_ms = 0;     ///< OpenGL: GPU time of the layers alone. CPU: the same as forward_ms.
    double processor_ms = 0;  ///< CPU time of the whole program during forward(), summed over all cores.
    double forward_ms = 0;    ///< Wall-clock time of forward(), until its statistics are complete.
    double upload_ms = 0;     ///< Wall-clock time of forward() with a new input, including its upload.
    double picture_ms = 0;    ///< Wall-clock time of drawing the grid.
    bool timer = false;       ///< Whether the driver's timer measured layers_ms.
};

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
    return values[values.size() / 2];
}

double ms(const std::function<void()>& work) {
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

Workload conv(std::string name, Shape input, int outputs, Size2 kernel, int stride, int padding) {
    using namespace reference;
    Random random(1);
    ConvCase c{input, outputs, kernel, {}, true};
    c.params.stride = {stride, stride};
    c.params.padding = {padding, padding};
    Workload w{std::move(name), {{Layer{"conv", random_layer(c, Numbers::reals, random)}}}, nullptr, 0, {}};
    w.input = std::make_shared<const Tensor>(random_tensor(input, Numbers::reals, random));
    return w;
}

Workload alexnet_workload() {
    reference::Random random(2);
    Workload w{"AlexNet, random weights, 224x224", {}, nullptr, 0, {}};
    for (const LayerSpec& spec : alexnet().layers)
        w.network.layers.push_back(with_parameters(spec, initial_parameters(spec, 1)).value());
    w.input =
        std::make_shared<const Tensor>(reference::random_tensor({1, 3, 224, 224}, reference::Numbers::reals, random));
    w.layer = static_cast<int>(w.network.layers.size()) - 1;
    return w;
}

/// Returns functions that make the workloads to measure if there is no document. Each is called only when its workload
/// is measured, because some workloads are large.
std::vector<std::function<Workload()>> standard_workloads() {
    return {[] {
                return conv("3x224x224 -> 64, 11x11, stride 4", {1, 3, 224, 224}, 64, {11, 11}, 4, 2);
            },
            [] {
                return conv("3x1080x1920 -> 64, 11x11, stride 4", {1, 3, 1080, 1920}, 64, {11, 11}, 4, 2);
            },
            [] {
                return conv("3x1080x1920 -> 7, 5x5", {1, 3, 1080, 1920}, 7, {5, 5}, 1, 2);
            },
            [] {
                return conv("3x1080x1920 -> 64, 3x3", {1, 3, 1080, 1920}, 64, {3, 3}, 1, 1);
            },
            [] {
                return conv("64x27x27 -> 192, 5x5", {1, 64, 27, 27}, 192, {5, 5}, 1, 2);
            },
            [] {
                return conv("192x13x13 -> 384, 3x3", {1, 192, 13, 13}, 384, {3, 3}, 1, 1);
            },
            &alexnet_workload};
}

Expected<Workload> document_workload(const Document& document) {
    auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    const auto plan = plan_network(document, (*input)->shape().c);
    if (!plan) return tl::unexpected(plan.error());
    auto network = build_network(document, (*input)->shape().c);
    if (!network) return tl::unexpected(network.error());
    return Workload{fmt::format("{} on {}", network_title(document), input_title(document.input)), std::move(*network),
                    std::move(*input), plan->layer, document.display};
}

/// Measures `c` on `w`: after two runs to warm up, 5 measured runs, then more until one second has passed since the
/// start, at most 198. A slow workload stops when 10 seconds have passed, after at least one measured run.
Expected<Times> measure(const BenchmarkedBackend& c, Workload& w) {
    std::vector<double> layers, processor, forward, upload, picture;
    Error error;
    const auto start = Clock::now();
    std::shared_ptr<const Activations> result;
    const auto run = [&] {
        auto made = c.backend->forward(w.network, w.input, w.layer, Cancel());
        made ? result = std::move(*made) : nullptr;
        if (!made) error = made.error();
    };
    // Cells are at most 240 pixels wide, so that the grid is about as large as a screen.
    const Shape out = output_shape(w.network.layers.front(), w.input->shape()).value_or(Shape{});
    if (w.display.cell == Size2{} && out.w > 240) w.display.cell = {std::max(1, 240 * out.h / out.w), 240};
    for (int i = 0; i < 200 && (i < 3 || Clock::now() - start < std::chrono::seconds(i < 7 ? 10 : 1)); ++i) {
        c.backend->forget();
        const std::clock_t used = std::clock();
        const double all = ms(run);
        const double of_processor = 1e3 * static_cast<double>(std::clock() - used) / CLOCKS_PER_SEC;
        if (!result) return tl::unexpected(error);
        Expected<Image> image = Image();
        const double drawn = ms([&] { image = result->render_grid(w.display, Cancel()); });
        if (!image) return tl::unexpected(image.error());
        const double on_card = c.gl ? c.gl->device_ms() : all;
        w.input = std::make_shared<const Tensor>(w.input->clone());
        const double uploaded = ms(run);
        if (!result) return tl::unexpected(error);
        if (i < 2) continue;
        layers.push_back(on_card);
        processor.push_back(of_processor);
        forward.push_back(all);
        picture.push_back(drawn);
        upload.push_back(uploaded);
    }
    return Times{median(layers), median(processor), median(forward),
                 median(upload), median(picture),   c.gl && c.gl->timer_works()};
}

/// Makes the backends to measure. Sets `notes` to a line that names the OpenGL driver, or that says why OpenGL is not
/// measured.
Expected<std::vector<BenchmarkedBackend>> contestants(const BackendOptions& options, std::string& notes) {
    std::vector<BenchmarkedBackend> all;
    if (options.backend != "gl") {
        auto cpu = make_cpu_backend(options.cpu);
        if (!cpu) return tl::unexpected(cpu.error());
        std::string name = (*cpu)->name();
        all.push_back({std::move(*cpu), std::move(name)});
    }
    if (options.backend == "cpu") return all;
    for (const bool naive : {false, true}) {
        GlOptions gl = options.gl;
        gl.timed = true;
        gl.naive = naive;
        auto backend = make_gl_backend(gl);
        if (!backend && options.backend == "gl") return tl::unexpected(backend.error());
        if (!backend) {
            notes = fmt::format("OpenGL was not measured: {}\n", backend.error().message);
            break;
        }
        const GlDriver d = (*backend)->driver();
        if (naive && d.software && options.backend != "gl") break;  // takes minutes
        notes = fmt::format("OpenGL: {}, {}, {}\n", d.renderer, d.vendor, d.version);
        const GlBackend* view = backend->get();
        all.push_back({std::move(*backend), naive ? "OpenGL, naive shader" : "OpenGL", view});
    }
    return all;
}

/// Measures all backends on `w` and returns the results as a table.
Expected<std::string> table(const std::vector<BenchmarkedBackend>& all, Workload& w) {
    const auto& layers = w.network.layers;
    const auto shapes = shapes_for(layers, w.input->shape(), w.layer);
    if (!shapes) return tl::unexpected(shapes.error());
    std::size_t macs = 0;
    for (int i = 0; i <= w.layer; ++i)
        if (const Shape& out = (*shapes)[static_cast<std::size_t>(i) + 1]; out.n > 0)
            macs += multiply_accumulates(spec_of(layers[static_cast<std::size_t>(i)].operation),
                                         input_shapes(layers, i, *shapes).front(), out);
    const Shape& shape = shapes->back();
    std::string text =
        fmt::format("\n{}: {:.3f} GMAC, output {}\n", w.name, static_cast<double>(macs) * 1e-9, to_string(shape));
    text += fmt::format("  {:<28} {:>11} {:>9} {:>12} {:>12} {:>12} {:>11}\n", "", "layers ms", "GMAC/s",
                        "processor ms", "forward ms", "new input ms", "picture ms");
    for (const BenchmarkedBackend& c : all) {
        const auto t = measure(c, w);
        if (!t) {
            text += fmt::format("  {:<28} {}\n", c.name, t.error().message);
            continue;
        }
        text += fmt::format("  {:<28} {:>10.3f}{} {:>9.1f} {:>12.3f} {:>12.3f} {:>12.3f} {:>11.3f}\n", c.name,
                            t->layers_ms, t->timer ? "*" : " ", static_cast<double>(macs) * 1e-6 / t->layers_ms,
                            t->processor_ms, t->forward_ms, t->upload_ms, t->picture_ms);
    }
    return text;
}

}  // namespace

Expected<void> bench(const std::optional<Document>& document, const BackendOptions& options,
                     const std::function<void(const std::string&)>& print) {
    std::string notes;
    const auto all = contestants(options, notes);
    if (!all) return tl::unexpected(all.error());
    print(fmt::format(
        "Convlens {}. All times are medians.\n"
        "layers: for OpenGL the layers alone (*: measured by the driver's timer, else by the clock), for the CPU as "
        "forward\n"
        "processor: CPU time of forward, summed over all cores\n"
        "forward: the layers and their statistics, until both are complete\n"
        "new input: forward with a new input, including its upload\n"
        "picture: drawing the grid\n{}",
        CONVLENS_VERSION, notes));
    std::vector<std::function<Workload()>> makers = standard_workloads();
    if (document) {
        auto workload = document_workload(*document);
        if (!workload) return tl::unexpected(workload.error());
        makers = {[w = *workload] { return w; }};
    }
    for (const auto& make : makers) {
        Workload workload = make();
        const auto text = table(*all, workload);
        if (!text) return tl::unexpected(text.error());
        print(*text);
    }
    return {};
}

}  // namespace convlens
