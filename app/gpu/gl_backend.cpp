/// The OpenGL backend: decides which layers run on the GPU or the CPU, and caches their results.
#include "app/gpu/gl_backend.h"

#include <algorithm>
#include <cassert>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>

#include "app/gpu/gl_activations.h"
#include "app/gpu/layers_gl.h"
#include "engine/core/host.h"

namespace convlens {

struct GlBackend::State {
    /// A layer that has run on the output of the previous cached layer; the first one has run on the input.
    struct CachedLayer {
        Layer layer;
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
    GlValues uploaded;              ///< The input on the GPU.
    std::vector<CachedLayer> kept;  ///< The first layers of the last network, with their outputs.

    ~State() {
        if (!device) return;
        device->make_current();
        if (timer != 0) glDeleteQueries(1, &timer);
    }

    /// Returns the output of the last cached layer, or the input if there is none.
    const GlValues& last() const { return kept.empty() ? uploaded : kept.back().values; }

    /// Uploads the input and drops all cached layers, unless it is the same tensor as before.
    Expected<void> set_input(std::shared_ptr<const Tensor> next) {
        if (next == input) return {};
        kept.clear();
        input = nullptr;
        uploaded = {};
        auto memory = device->memory(next->size(), fmt::format("the input {}", to_string(next->shape())));
        if (!memory) return tl::unexpected(memory.error());
        device->write(**memory, next->values());
        uploaded = {std::move(*memory), next->shape()};
        input = std::move(next);
        return {};
    }

    /// Runs `layers` after the cached ones. Checks all shapes before any layer runs. Layers that have run stay cached
    /// even if a later one fails or is canceled.
    Expected<void> run(std::span<const Layer> layers, const Cancel& cancel) {
        std::vector<Shape> shapes{last().shape};
        /// Work of the layers before each layer: multiply-accumulates or values of each, whichever is more.
        std::vector<double> work{0.0};
        for (const Layer& layer : layers) {
            const auto shape = output_shape(layer, shapes.back());
            if (!shape) return tl::unexpected(shape.error());
            const std::size_t macs = multiply_accumulates(spec_of(layer.operation), shapes.back(), *shape);
            work.push_back(work.back() + static_cast<double>(std::max({macs, shape->count(), shapes.back().count()})));
            shapes.push_back(*shape);
        }
        for (std::size_t i = 0; i < layers.size(); ++i) {
            const auto at = [&](std::size_t layer) { return static_cast<float>(work[layer] / work.back()); };
            const Cancel step = cancel.part(at(i), at(i + 1));
            if (cancel.requested()) return canceled();
            const bool on_cpu = !can_run(*device, layers[i].operation, shapes[i], shapes[i + 1]);
            Pacer pacer(*device, step, work[i + 1] - work[i]);
            auto values = on_cpu ? run_beside(layers[i], step)
                                 : layer_forward(*device, layers[i].operation, weights, last(), shapes[i + 1], pacer);
            if (!values) return tl::unexpected(named(values.error(), layers[i]));
            if (auto ok = device->check(); !ok) return ok;
            step.report(1.0F);
            kept.push_back({layers[i], std::move(*values), on_cpu, nullptr});
        }
        return {};
    }

    /// Returns the error with the layer's name before its message.
    static Error named(Error error, const Layer& layer) {
        if (!error.canceled) error.message = fmt::format("{}: {}", layer.name, error.message);
        return error;
    }

    /// Runs a layer on the CPU and uploads its output.
    Expected<GlValues> run_beside(const Layer& layer, const Cancel& cancel) {
        const auto result = on_cpu(*device, layer, last(), cancel);
        if (!result) return tl::unexpected(result.error());
        const Shape s = (*result)->shape();
        auto memory = device->memory(s.count(), fmt::format("the output {}", to_string(s)));
        if (!memory) return tl::unexpected(memory.error());
        const auto all = all_values(**result);
        if (!all) return tl::unexpected(all.error());
        device->write(**memory, all->values());
        return GlValues{std::move(*memory), s};
    }

    /// Like run(), but measures device_ms if `timed` is set.
    Expected<void> run_timed(std::span<const Layer> layers, const Cancel& cancel) {
        if (!timed) return run(layers, cancel);
        if (timer == 0) glGenQueries(1, &timer);
        glFinish();
        const auto start = std::chrono::steady_clock::now();
        glBeginQuery(GL_TIME_ELAPSED, timer);
        auto done = run(layers, cancel);
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

    /// Computes the statistics of a cached layer and makes its activations. Fails if a value is NaN.
    Expected<void> look_at(CachedLayer& last_kept, const Cancel& cancel) {
        spoil(last_kept.values);
        auto stats = stats_gl(*device, last_kept.values, cancel);
        if (!stats) return tl::unexpected(named(stats.error(), last_kept.layer));
        for (const ChannelStats& s : *stats)
            if (std::isnan(s.min))
                return fail(
                    "{}: {} computes NaN values: run on the CPU to see whether the network or the "
                    "driver is the cause",
                    last_kept.layer.name, device->context().renderer());
        last_kept.activations = std::make_shared<const GlActivations>(device, last_kept.values, std::move(*stats));
        return {};
    }
};

GlBackend::GlBackend(std::unique_ptr<State> state) : state_(std::move(state)) {}

GlBackend::~GlBackend() = default;

std::string GlBackend::name() const {
    const GlContext& context = state_->device->context();
    std::set<std::string> on_cpu;
    for (const State::CachedLayer& k : state_->kept)
        if (k.on_cpu) on_cpu.insert(k.layer.name);
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
    const std::size_t end = static_cast<std::size_t>(last_layer) + 1;
    std::size_t done = 0;
    while (done < std::min(end, s.kept.size()) && s.kept[done].layer == network.layers[done]) ++done;
    if (done < end) {
        s.kept.resize(done);
        s.weights.keep_those_of(network.layers);
        if (auto ok = s.run_timed(std::span(network.layers).subspan(done, end - done), cancel); !ok)
            return tl::unexpected(ok.error());
    }
    State::CachedLayer& last = s.kept[end - 1];
    if (!last.activations)
        if (auto ok = s.look_at(last, cancel); !ok) return tl::unexpected(ok.error());
    return last.activations;
}

void GlBackend::forget() {
    state_->device->make_current();
    state_->kept.clear();
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
