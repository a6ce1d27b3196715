/// The CPU backend: runs layers and caches their results.
#include "engine/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <variant>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/grid_cpu.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/tensor_pool.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

/// Returns the maximum size of the results of all layers in bytes: half of memory_limit(), because the results before
/// an edit are kept until those after it are there.
std::size_t max_result_bytes() { return memory_limit() / 2; }

class CpuActivations final : public Activations {
  public:
    /// `stats` has one entry per batch item and channel of `values`.
    CpuActivations(std::shared_ptr<const Tensor> values, std::vector<ChannelStats> stats, const Simd& simd,
                   std::shared_ptr<Arena> arena)
        : values_(std::move(values)), stats_(std::move(stats)), simd_(simd), arena_(std::move(arena)) {}

    Shape shape() const override { return values_->shape(); }

    std::span<const ChannelStats> stats(int item) const override {
        assert(item >= 0 && item < shape().n);
        const auto channels = static_cast<std::size_t>(shape().c);
        return {&stats_[static_cast<std::size_t>(item) * channels], channels};
    }

    Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel, Image&& memory) const override {
        if (display.item < 0 || display.item >= shape().n)
            return fail("item {} does not exist: the batch has items 0 to {}", display.item, shape().n - 1);
        return arena_->execute(
            [&] { return render_grid_cpu(*values_, stats(display.item), display, simd_, cancel, std::move(memory)); });
    }

    Expected<Tensor> read(int item, ChannelRange channels, Rect area) const override {
        Tensor part({1, channels.count, area.h, area.w});
        for (int c = 0; c < channels.count; ++c)
            for (int y = 0; y < area.h; ++y)
                std::copy_n(&values_->at(item, channels.first + c, area.y + y, area.x), area.w, &part.at(0, c, y, 0));
        return part;
    }

  private:
    std::shared_ptr<const Tensor> values_;
    std::vector<ChannelStats> stats_;  ///< n * c entries.
    const Simd& simd_;
    std::shared_ptr<Arena> arena_;
};

class CpuBackend final : public Backend {
  public:
    CpuBackend(const Simd& simd, int threads)
        : simd_(simd), threads_(threads), arena_(std::make_shared<Arena>(threads)) {}

    std::string name() const override {
        return fmt::format("CPU {}, {} thread{}", simd_.name, threads_, threads_ == 1 ? "" : "s");
    }

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override {
        assert(last_layer >= 0 && static_cast<std::size_t>(last_layer) < network.layers.size());
        if (input != input_) kept_.clear();
        input_ = std::move(input);
        const std::size_t end = static_cast<std::size_t>(last_layer) + 1;
        std::size_t done = 0;
        while (done < std::min(end, kept_.size()) && is_current(kept_[done], network.layers[done])) ++done;
        if (done < end) {
            std::optional<CachedLayer> before;  // the same convolution before some of its kernels were changed, if any
            if (done < kept_.size() && changed_channels_of(kept_[done], network.layers[done]))
                before = std::move(kept_[done]);
            kept_.resize(done);
            if (auto ok = run(std::span(network.layers).subspan(done, end - done), before, cancel); !ok) {
                // The next edit is quick, too, also if this one was canceled.
                if (before && kept_.size() == done) kept_.push_back(std::move(*before));
                return tl::unexpected(ok.error());
            }
        }
        CachedLayer& last = kept_[end - 1];
        if (last.stats.empty()) {
            auto stats = stats_of(*last.values, cancel);
            if (!stats) return tl::unexpected(stats.error());
            last.stats = std::move(*stats);
        }
        if (!last.activations)
            last.activations = std::make_shared<const CpuActivations>(last.values, last.stats, simd_, arena_);
        return last.activations;
    }

    void forget() override { kept_.clear(); }

  private:
    /// A layer and its output. Its input was the output of the previous entry of kept_, or input_ for the first entry.
    struct CachedLayer {
        Layer layer;
        std::shared_ptr<const Tensor> values;
        /// One entry per batch item and channel. A convolution computes them while it runs; for other layers they are
        /// empty until they are needed.
        std::vector<ChannelStats> stats;
        std::shared_ptr<const CpuActivations> activations;  ///< Null until it is needed.
    };

    /// Runs `layers` on the output of the last cached layer and caches their results. Checks all shapes before any
    /// layer runs. The results of layers that have run stay cached even if a later layer is canceled. `before` is an
    /// earlier version of the first layer that differs only in some kernels, if there is one; it is reset when the
    /// first layer has run.
    Expected<void> run(std::span<const Layer> layers, std::optional<CachedLayer>& before, const Cancel& cancel) {
        std::vector<Shape> shapes{kept_.empty() ? input_->shape() : kept_.back().values->shape()};
        // Work of all layers before each layer, for the progress. The work of a layer is its number of
        // multiply-accumulates or of values, whichever is larger.
        std::vector<double> work{0.0};
        std::size_t bytes = 0;
        for (const CachedLayer& k : kept_) bytes += k.values->size() * sizeof(float);
        for (const Layer& layer : layers) {
            const auto shape = output_shape(layer, shapes.back());
            if (!shape) return tl::unexpected(shape.error());
            if (auto ok = check_memory(layer, *shape, bytes); !ok) return ok;
            bytes += shape->count() * sizeof(float);
            const std::uint64_t macs = multiply_accumulates(spec_of(layer.operation), shapes.back(), *shape);
            const std::size_t values = std::max(shape->count(), shapes.back().count());
            work.push_back(work.back() + static_cast<double>(std::max<std::uint64_t>(macs, values)));
            shapes.push_back(*shape);
        }
        pool_.keep(bytes);
        const auto progress = [&](std::size_t i) { return static_cast<float>(work[i] / work.back()); };
        for (std::size_t i = 0, end = 0; i < layers.size(); i = end) {
            // A ReLU directly after a convolution is computed while the convolution's values are in registers.
            const bool rectifies = !before && i + 1 < layers.size() &&
                                   std::holds_alternative<Conv2d>(layers[i].operation) &&
                                   std::holds_alternative<ReLU>(layers[i + 1].operation);
            end = i + (rectifies ? 2 : 1);
            const Tensor& from = kept_.empty() ? *input_ : *kept_.back().values;
            const auto output = take(shapes[i + 1], before.has_value()),
                       rectified = rectifies ? take(shapes[i + 2], false) : nullptr;
            CachedLayer next{layers[i], output, {}, nullptr};
            if (!run(before ? &*before : nullptr, next, from, cancel.part(progress(i), progress(end)), *output,
                     rectified.get()))
                return canceled();
            kept_.push_back(std::move(next));
            if (rectifies) kept_.push_back({layers[i + 1], rectified, {}, nullptr});
            before.reset();
        }
        return {};
    }

    bool run(const CachedLayer* before, CachedLayer& next, const Tensor& input, const Cancel& cancel, Tensor& output,
             Tensor* rectified) {
        return arena_->execute([&] {
            if (const auto* conv = std::get_if<Conv2d>(&next.layer.operation))
                return run(before, next, *conv, input, cancel, output, rectified);
            return layer_forward(next.layer.operation, simd_, input, cancel, output);
        });
    }

    bool run(const CachedLayer* before, CachedLayer& next, const Conv2d& conv, const Tensor& input,
             const Cancel& cancel, Tensor& output, Tensor* rectified) {
        const Shape& s = output.shape();
        next.stats.resize(static_cast<std::size_t>(s.n) * static_cast<std::size_t>(s.c));
        if (before)
            if (const auto changed = changed_channels_of(*before, next.layer))
                return update(*before, *changed, conv, input, cancel, output, next.stats);
        if (kept_.size() <= earlier_.index) earlier_ = {};  // its input has changed
        return plan(kept_.size(), conv, input.shape()).run(input, cancel, output, next.stats, rectified);
    }

    /// Returns true if `kept` has the output of `layer`: it is an equal layer, or a convolution whose weights are
    /// different objects in memory with equal values.
    static bool is_current(CachedLayer& kept, const Layer& layer) {
        if (kept.layer == layer) return true;
        const auto changed = changed_channels_of(kept, layer);
        if (!changed || !changed->empty()) return false;
        kept.layer = layer;
        return true;
    }

    /// Returns the channels of a convolution that must be computed if the other channels are copied from `before`.
    /// Returns nullopt if the layers do not match or if more than half of the channels have changed.
    static std::optional<std::vector<int>> changed_channels_of(const CachedLayer& before, const Layer& layer) {
        const auto* a = std::get_if<Conv2d>(&before.layer.operation);
        const auto* b = std::get_if<Conv2d>(&layer.operation);
        auto changed = a && b ? changed_channels(*a, *b) : std::nullopt;
        if (changed && changed->size() > static_cast<std::size_t>(b->weight->shape().n) / 2) changed.reset();
        return changed;
    }

    /// Returns a tensor for the output of a layer: if it will be updated and if nobody needs the output of its version
    /// before the last any more, that one, with its values.
    std::shared_ptr<Tensor> take(const Shape& shape, bool updated) {
        std::shared_ptr<Tensor> tensor;
        if (updated && earlier_.index == kept_.size()) tensor = pool_.take_again(earlier_.values);
        if (tensor) return tensor;
        tensor = pool_.take(shape);
        if (tensor.get() == earlier_.values) earlier_ = {};
        return tensor;
    }

    /// Computes the `changed` channels, and copies the others and their statistics from `before`; or, if `output` still
    /// has the values of an earlier version, computes what has changed since then.
    bool update(const CachedLayer& before, const std::vector<int>& changed, const Conv2d& conv, const Tensor& input,
                const Cancel& cancel, Tensor& output, std::vector<ChannelStats>& stats) {
        const Shape& s = output.shape();
        const Earlier earlier = std::exchange(earlier_, {});
        const auto since =
            earlier.values == &output && earlier.input == &input ? changed_channels(earlier.conv, conv) : std::nullopt;
        stats = since ? earlier.stats : before.stats;
        if (!since)
            parallel_for(stats.size(), [&](std::size_t i) {
                const int n = static_cast<int>(i / static_cast<std::size_t>(s.c)),
                          c = static_cast<int>(i % static_cast<std::size_t>(s.c));
                if (cancel.requested() || std::binary_search(changed.begin(), changed.end(), c)) return;
                std::ranges::copy(before.values->plane(n, c), output.plane(n, c).begin());
            });
        if (cancel.requested()) return false;
        if (!Conv2dPlan(conv, input.shape(), simd_, memory_, since ? *since : changed)
                 .run(input, cancel, output, stats))
            return false;
        earlier_ = {kept_.size(), std::get<Conv2d>(before.layer.operation), before.values.get(), &input, before.stats};
        return true;
    }

    Conv2dPlan& plan(std::size_t index, const Conv2d& conv, const Shape& input) {
        plans_.resize(std::max(plans_.size(), index + 1));
        auto& plan = plans_[index];
        if (!plan || !plan->fits(conv, input)) plan = std::make_unique<Conv2dPlan>(conv, input, simd_, memory_);
        return *plan;
    }

    Expected<std::vector<ChannelStats>> stats_of(const Tensor& values, const Cancel& cancel) const {
        const Shape& s = values.shape();
        std::vector<ChannelStats> stats(static_cast<std::size_t>(s.n) * static_cast<std::size_t>(s.c));
        const bool done = arena_->execute([&] {
            return for_each_tile(static_cast<std::ptrdiff_t>(stats.size()), cancel.part(1, 1), [&](std::ptrdiff_t i) {
                stats[static_cast<std::size_t>(i)] =
                    simd_.plane_stats(values.plane(static_cast<int>(i / s.c), static_cast<int>(i % s.c)));
            });
        });
        if (!done) return canceled();
        return stats;
    }

    static Expected<void> check_memory(const Layer& layer, const Shape& output, std::size_t bytes_before) {
        const std::size_t bytes = output.count() * sizeof(float), most = max_result_bytes();
        if (bytes <= most && bytes_before <= most - bytes) return {};
        return fail(
            "{}: the output {} needs {}{}, more than half of the memory limit ({}): use a smaller image, a larger "
            "stride or fewer channels, or raise the limit with --memory",
            layer.name, to_string(output), bytes_in_words(bytes),
            bytes_before > 0 ? fmt::format(" and the layers before it {}", bytes_in_words(bytes_before)) : "",
            bytes_in_words(memory_limit()));
    }

    const Simd& simd_;
    int threads_;
    std::shared_ptr<Arena> arena_;
    TensorPool pool_;
    std::shared_ptr<Conv2dMemory> memory_ = make_conv2d_memory();
    std::vector<std::unique_ptr<Conv2dPlan>> plans_;  ///< By layer index; null for layers other than convolutions.
    std::shared_ptr<const Tensor> input_;
    std::vector<CachedLayer> kept_;

    /// A version of a convolution that an edit has replaced. The next edit writes into its output, if it is free by
    /// then and its input is the same, so that only the channels in which the two differ are written.
    struct Earlier {
        std::size_t index = 0;  ///< In kept_.
        Conv2d conv;
        const Tensor* values = nullptr;  ///< Only its address; null if there is none.
        const Tensor* input = nullptr;
        std::vector<ChannelStats> stats;
    };
    Earlier earlier_;
};

}  // namespace

Expected<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options) {
    const auto simd = find_simd(options.isa);
    if (!simd) return tl::unexpected(simd.error());
    if (options.threads < 0 || options.threads > 4096)
        return fail("threads is {}: expected 1 to 4096, or 0 for one per core", options.threads);
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return std::make_unique<CpuBackend>(**simd, options.threads > 0 ? options.threads : cores);
}

}  // namespace convlens
