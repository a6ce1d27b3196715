/// The OpenGL backend: decides which layers run on the GPU or the CPU, and caches their results.
#include "app/gpu/gl_backend.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "app/gpu/gl_activations.h"
#include "app/gpu/join_gl.h"
#include "app/gpu/layers_gl.h"
#include "engine/core/host.h"
#include "engine/nn/layer_results.h"

namespace convlens {

struct GlBackend::State {
    /// The output of a layer.
    struct GlResult {
        GlValues values;
        bool on_cpu = false;
        std::shared_ptr<const GlActivations> activations;  ///< Made when the layer is shown; null before.
    };

    std::shared_ptr<GlDevice> device;
    bool timed = false;
    GLuint timer = 0;
    double device_ms = 0;
    bool timer_works = false;
    LayerWeights weights;
    std::shared_ptr<const Tensor> input;
    GlValues uploaded;  ///< The input on the GPU.
    LayerResults<GlResult> results;

    ~State() {
        if (!device) return;
        device->make_current();
        if (timer != 0) glDeleteQueries(1, &timer);
    }

    /// Returns the output of a layer, or the network's input.
    const GlValues& output_of(int layer) { return layer < 0 ? uploaded : results.find(layer)->values; }

    /// Uploads the input and drops all cached layers, unless it is the same tensor as before.
    Expected<void> set_input(std::shared_ptr<const Tensor> next) {
        if (next == input) return {};
        results.clear();
        input = nullptr;
        uploaded = {};
        auto memory = device->memory(next->size(), fmt::format("the input {}", to_string(next->shape())));
        if (!memory) return tl::unexpected(memory.error());
        device->write(**memory, next->values());
        uploaded = {std::move(*memory), next->shape()};
        input = std::move(next);
        return {};
    }

    /// Runs `layers` and keeps their results. Checks all shapes before any layer runs. Results stay even if a later
    /// layer fails or is canceled.
    Expected<void> run(const Network& network, const std::vector<int>& layers, const Cancel& cancel) {
        std::vector<Shape> shapes(network.layers.size() + 1);
        shapes[0] = uploaded.shape;
        /// Work of the layers before each layer: multiply-accumulates or values of each, whichever is more.
        std::vector<double> work{0.0};
        for (const int i : layers) {
            const Layer& layer = network.layers[static_cast<std::size_t>(i)];
            for (const int from : inputs_of(network.layers, i))
                if (from >= 0)
                    if (const GlResult* r = results.find(from))
                        shapes[static_cast<std::size_t>(from) + 1] = r->values.shape;
            const std::vector<Shape> read = input_shapes(network.layers, i, shapes);
            const auto shape = output_shape(layer, read);
            if (!shape) return tl::unexpected(shape.error());
            const std::size_t macs = multiply_accumulates(spec_of(layer.operation), read.front(), *shape);
            std::size_t values = shape->count();
            for (const Shape& s : read) values = std::max(values, s.count());
            work.push_back(work.back() + static_cast<double>(std::max(macs, values)));
            shapes[static_cast<std::size_t>(i) + 1] = *shape;
        }
        results.drop_after(network.layers.size());
        for (std::size_t k = 0; k < layers.size(); ++k) {
            const auto at = [&](std::size_t layer) { return static_cast<float>(work[layer] / work.back()); };
            const Cancel step = cancel.part(at(k), at(k + 1));
            if (cancel.requested()) return canceled();
            const Layer& layer = network.layers[static_cast<std::size_t>(layers[k])];
            const std::vector<Shape> read = input_shapes(network.layers, layers[k], shapes);
            const Shape& output = shapes[static_cast<std::size_t>(layers[k]) + 1];
            const JoinRule rule = read.size() > 1 ? join_of(spec_of(layer.operation)) : JoinRule::none;
            std::vector<GlValues> inputs;
            for (const int from : inputs_of(network.layers, layers[k])) inputs.push_back(output_of(from));
            const bool on_cpu = rule == JoinRule::none ? !can_run(*device, layer.operation, read.front(), output)
                                                       : !can_join(*device, rule, read, output);
            Pacer pacer(*device, step, work[k + 1] - work[k]);
            auto values = on_cpu ? run_beside(layer, rule, inputs, output, step)
                          : rule == JoinRule::none
                              ? layer_forward(*device, layer.operation, weights, inputs.front(), output, pacer)
                              : join_gl(*device, rule, inputs, output, pacer);
            if (!values) return tl::unexpected(named(values.error(), layer));
            if (auto ok = device->check(); !ok) return ok;
            step.report(1.0F);
            results.put(network, layers[k], {std::move(*values), on_cpu, nullptr});
        }
        return {};
    }

    /// Returns the error with the layer's name before its message.
    static Error named(Error error, const Layer& layer) {
        if (!error.canceled) error.message = fmt::format("{}: {}", layer.name, error.message);
        return error;
    }

    /// Runs a layer on the CPU and uploads its output.
    Expected<GlValues> run_beside(const Layer& layer, JoinRule rule, std::span<const GlValues> inputs,
                                  const Shape& output, const Cancel& cancel) {
        const auto all = rule == JoinRule::none ? values_beside(layer, inputs.front(), cancel)
                                                : join_beside(*device, rule, inputs, output, cancel);
        if (!all) return tl::unexpected(all.error());
        auto memory = device->memory(output.count(), fmt::format("the output {}", to_string(output)));
        if (!memory) return tl::unexpected(memory.error());
        device->write(**memory, all->values());
        return GlValues{std::move(*memory), output};
    }

    Expected<Tensor> values_beside(const Layer& layer, const GlValues& from, const Cancel& cancel) {
        const auto result = on_cpu(*device, {layer.name, layer.operation}, from, cancel);
        if (!result) return tl::unexpected(result.error());
        return all_values(**result);
    }

    /// Like run(), but measures device_ms if `timed` is set.
    Expected<void> run_timed(const Network& network, const std::vector<int>& layers, const Cancel& cancel) {
        if (!timed) return run(network, layers, cancel);
        if (timer == 0) glGenQueries(1, &timer);
        glFinish();
        const auto start = std::chrono::steady_clock::now();
        glBeginQuery(GL_TIME_ELAPSED, timer);
        auto done = run(network, layers, cancel);
        glEndQuery(GL_TIME_ELAPSED);
        glFinish();
        const double wall_ms =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        GLuint64 nanoseconds = 0;
        glGetQueryObjectui64v(timer, GL_QUERY_RESULT, &nanoseconds);
        const double timer_ms = static_cast<double>(nanoseconds) * 1e-6;
        timer_works = nanoseconds > 1000 && timer_ms <= 1.01 * wall_ms;
        device_ms = timer_works ? timer_ms : wall_ms;
        return done;
    }

    /// Overwrites the first value with NaN if GlFault::nan is simulated.
    void spoil(const GlValues& values) const {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        if (device->simulates(GlFault::nan)) device->write(*values.memory, std::span(&nan, 1));
    }

    /// Computes the statistics of a layer's result and makes its activations. Fails if a value is NaN.
    Expected<void> look_at(GlResult& result, const Layer& layer, const Cancel& cancel) {
        spoil(result.values);
        auto stats = stats_gl(*device, result.values, cancel);
        if (!stats) return tl::unexpected(named(stats.error(), layer));
        for (const ChannelStats& s : *stats)
            if (std::isnan(s.min))
                return fail(
                    "{}: {} computes NaN values: run on the CPU to see whether the network or the "
                    "driver is the cause",
                    layer.name, device->context().renderer());
        result.activations = std::make_shared<const GlActivations>(device, result.values, std::move(*stats));
        return {};
    }
};

GlBackend::GlBackend(std::unique_ptr<State> state) : state_(std::move(state)) {}

GlBackend::~GlBackend() = default;

std::string GlBackend::name() const {
    const GlContext& context = state_->device->context();
    std::set<std::string> on_cpu;
    for (const auto& e : state_->results.entries())
        if (e && e->result && e->result->on_cpu) on_cpu.insert(e->layer.name);
    return fmt::format("OpenGL {}.{}, {}{}", context.version_number() / 10, context.version_number() % 10,
                       context.renderer(),
                       on_cpu.empty() ? "" : fmt::format(", {} on the CPU", fmt::join(on_cpu, ", ")));
}

Expected<std::shared_ptr<const Activations>> GlBackend::forward(const Network& network,
                                                                std::shared_ptr<const Tensor> input, int last_layer,
                                                                const Cancel& cancel) {
    assert(last_layer >= 0 && static_cast<std::size_t>(last_layer) < network.layers.size());
    State& s = *state_;
    s.device->make_current();
    if (auto ok = s.set_input(std::move(input)); !ok) return tl::unexpected(ok.error());
    s.results.match(
        network, [](const auto& entry, const Layer& layer) { return entry.layer.operation == layer.operation; },
        [](const auto&, int) { return false; });
    if (const auto layers = s.results.missing(network, last_layer); !layers.empty()) {
        s.weights.keep_those_of(network.layers);
        if (auto ok = s.run_timed(network, layers, cancel); !ok) return tl::unexpected(ok.error());
    }
    State::GlResult& last = *s.results.find(last_layer);
    if (!last.activations)
        if (auto ok = s.look_at(last, network.layers[static_cast<std::size_t>(last_layer)], cancel); !ok)
            return tl::unexpected(ok.error());
    return last.activations;
}

void GlBackend::forget() {
    state_->device->make_current();
    state_->results.clear();
}

GlDriver GlBackend::driver() const {
    const GlDevice& d = *state_->device;
    return {d.context().renderer(), d.context().vendor(), d.context().version(), d.context().software(),
            d.max_block() * sizeof(float)};
}

GlUsage GlBackend::usage() const {
    const GlDevice& d = *state_->device;
    return {d.buffers_made(),           d.bytes_held(),           d.programs().compiled(), d.programs().from_disk(),
            d.context().errors().count, d.context().errors().last};
}

double GlBackend::device_ms() const { return state_->device_ms; }

bool GlBackend::timer_works() const { return state_->timer_works; }

/// Sets the simulated fault from $CONVLENS_GL_FAULT (NAME or NAME@FILE) unless one is set, and pretend_card from
/// $CONVLENS_GL_PRETEND_CARD. Fails for an unknown name.
static Expected<void> read_test_switches(GlOptions& options) {
    const auto card = environment_variable("CONVLENS_GL_PRETEND_CARD"),
               fault = environment_variable("CONVLENS_GL_FAULT");
    options.pretend_card = options.pretend_card || card == "1";
    if (!fault || options.fault != GlFault::none) return {};
    const std::string_view text = *fault, name = text.substr(0, text.find('@'));
    const auto known = gl_fault_from(name);
    if (!known)
        return fail(
            "CONVLENS_GL_FAULT is '{}': expected no-egl, no-compute, compile, link, memory, lost or nan; the last "
            "three may be followed by @FILE",
            *fault);
    options.fault = *known;
    if (name.size() < text.size()) options.fault_file = text.substr(name.size() + 1);
    return {};
}

Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions& options) {
    GlOptions complete = options;
    if (auto ok = read_test_switches(complete); !ok) return tl::unexpected(ok.error());
    auto device = GlDevice::make(complete);
    if (!device) return tl::unexpected(device.error());
    auto state = std::make_unique<GlBackend::State>();
    state->device = std::move(*device);
    state->timed = options.timed;
    return std::unique_ptr<GlBackend>(new GlBackend(std::move(state)));
}

}  // namespace convlens
