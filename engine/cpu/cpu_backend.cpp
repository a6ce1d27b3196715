/// The CPU back end: which layer runs where, and what is kept.
#include "engine/cpu/cpu_backend.h"

#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <unistd.h>

#include <cassert>
#include <algorithm>
#include <thread>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/grid_cpu.h"
#include "engine/cpu/tensor_pool.h"

namespace convlens {
namespace {

using oneapi::tbb::task_arena;

/// Results larger than half of the machine's memory are refused instead of driving it into swap.
std::size_t most_result_bytes() {
    return static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) / 2;
}

class CpuActivations final : public Activations {
  public:
    /// `stats` has one entry a plane of `values`.
    CpuActivations(std::shared_ptr<const Tensor> values, std::vector<ChannelStats> stats, const Simd& simd,
                   std::shared_ptr<task_arena> arena)
        : values_(std::move(values)), stats_(std::move(stats)), simd_(simd), arena_(std::move(arena)) {}

    const std::vector<ChannelStats>& all_stats() const { return stats_; }

    Shape shape() const override { return values_->shape(); }

    std::span<const ChannelStats> stats(int item) const override {
        assert(item >= 0 && item < shape().n);
        const auto channels = static_cast<std::size_t>(shape().c);
        return {&stats_[static_cast<std::size_t>(item) * channels], channels};
    }

    Expected<Image> render_grid(const Look& look, const Cancel& cancel) const override {
        if (look.item < 0 || look.item >= shape().n)
            return fail("item {} is not there: the batch has items 0 to {}", look.item, shape().n - 1);
        return arena_->execute([&] { return render_grid_cpu(*values_, stats(look.item), look, simd_, cancel); });
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
    std::vector<ChannelStats> stats_;  ///< n * c of them.
    const Simd& simd_;
    std::shared_ptr<task_arena> arena_;
};

class CpuBackend final : public Backend {
  public:
    CpuBackend(const Simd& simd, int threads) : simd_(simd), threads_(threads), arena_(std::make_shared<task_arena>(threads)) {}

    std::string name() const override {
        return fmt::format("CPU {}, {} thread{}", simd_.name, threads_, threads_ == 1 ? "" : "s");
    }

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override {
        assert(last_layer >= 0 && static_cast<std::size_t>(last_layer) < network.layers.size());
        if (input != input_) kept_.clear();
        input_ = input;
        std::shared_ptr<const Tensor> values = std::move(input);
        for (std::size_t i = 0; i <= static_cast<std::size_t>(last_layer); ++i) {
            const Layer& layer = network.layers[i];
            if (i < kept_.size() && kept_[i].layer == layer) {
                values = kept_[i].values;
                continue;
            }
            auto result = run(i, layer, *values, cancel);
            if (!result) return tl::unexpected(result.error());
            values = result->values;
            kept_.resize(std::min(i, kept_.size()));
            kept_.push_back(std::move(*result));
        }
        return kept_[static_cast<std::size_t>(last_layer)].activations;
    }

  private:
    /// A layer that has been run on the output of the one before it, the first of them on input_.
    struct Kept {
        Layer layer;
        std::shared_ptr<const Tensor> values;
        std::shared_ptr<const CpuActivations> activations;
    };

    /// Runs layer number `index` of the network. What is kept of that layer from a run on the same input is gone
    /// afterwards, unless it can be of use again.
    Expected<Kept> run(std::size_t index, const Layer& layer, const Tensor& input, const Cancel& cancel) {
        const auto shape = output_shape(layer, input.shape());
        if (!shape) return tl::unexpected(shape.error());
        const std::size_t bytes = shape->count() * sizeof(float), most = most_result_bytes();
        if (bytes > most)
            return fail("{}: the output {} needs {:.1f} GB, more than half of this machine's memory ({:.1f} GB): use a smaller "
                        "image, a larger stride or fewer channels",
                        layer.name, to_string(*shape), static_cast<double>(bytes) * 1e-9, static_cast<double>(2 * most) * 1e-9);
        const Kept* before = index < kept_.size() ? &kept_[index] : nullptr;
        const auto changed = before ? channels_to_update(*before, layer) : std::nullopt;
        if (changed && changed->empty()) return Kept{layer, before->values, before->activations};
        if (!changed) kept_.resize(std::min(index, kept_.size()));
        const auto output = pool_.take(*shape);
        std::vector<ChannelStats> stats(static_cast<std::size_t>(shape->n) * static_cast<std::size_t>(shape->c));
        const bool complete = arena_->execute([&] {
            return std::visit(
                [&](const Conv2d& conv) {
                    return changed ? update(*before, *changed, conv, input, cancel, *output, stats)
                                   : plan(index, conv, input.shape()).run(input, cancel, *output, stats);
                },
                layer.operation);
        });
        if (!complete) return cancelled();
        return Kept{layer, output, std::make_shared<const CpuActivations>(output, std::move(stats), simd_, arena_)};
    }

    /// The channels to compute when the layer's other channels are what they were; none when that would save little.
    static std::optional<std::vector<int>> channels_to_update(const Kept& before, const Layer& layer) {
        const auto* a = std::get_if<Conv2d>(&before.layer.operation);
        const auto* b = std::get_if<Conv2d>(&layer.operation);
        auto changed = a && b ? changed_channels(*a, *b) : std::nullopt;
        if (changed && changed->size() > static_cast<std::size_t>(b->weight->shape().n) / 2) changed.reset();
        return changed;
    }

    /// Copies what is the same as before and computes the `changed` channels.
    bool update(const Kept& before, const std::vector<int>& changed, const Conv2d& conv, const Tensor& input, const Cancel& cancel,
                Tensor& output, std::vector<ChannelStats>& stats) {
        const Shape& s = output.shape();
        stats = before.activations->all_stats();
        oneapi::tbb::parallel_for(std::size_t{0}, stats.size(), [&](std::size_t i) {
            const int n = static_cast<int>(i / static_cast<std::size_t>(s.c)), c = static_cast<int>(i % static_cast<std::size_t>(s.c));
            if (cancel.requested() || std::binary_search(changed.begin(), changed.end(), c)) return;
            std::ranges::copy(before.values->plane(n, c), output.plane(n, c).begin());
        });
        if (cancel.requested()) return false;
        return Conv2dPlan(conv, input.shape(), simd_, memory_, changed).run(input, cancel, output, stats);
    }

    Conv2dPlan& plan(std::size_t index, const Conv2d& conv, const Shape& input) {
        plans_.resize(std::max(plans_.size(), index + 1));
        auto& plan = plans_[index];
        if (!plan || !plan->fits(conv, input)) plan = std::make_unique<Conv2dPlan>(conv, input, simd_, memory_);
        return *plan;
    }

    const Simd& simd_;
    int threads_;
    std::shared_ptr<task_arena> arena_;
    TensorPool pool_;
    std::shared_ptr<Conv2dMemory> memory_ = make_conv2d_memory();
    std::vector<std::unique_ptr<Conv2dPlan>> plans_;  ///< By number of the layer; null where it is no convolution.
    std::shared_ptr<const Tensor> input_;
    std::vector<Kept> kept_;
};

}  // namespace

Expected<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options) {
    const auto simd = find_simd(options.isa);
    if (!simd) return tl::unexpected(simd.error());
    if (options.threads < 0 || options.threads > 4096)
        return fail("threads is {}: expected 1 to 4096, or 0 for one a core", options.threads);
    const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
    return std::make_unique<CpuBackend>(**simd, options.threads > 0 ? options.threads : cores);
}

}  // namespace convlens
