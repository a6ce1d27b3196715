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
    CpuActivations(std::shared_ptr<const Tensor> values, const Simd& simd, std::shared_ptr<task_arena> arena)
        : values_(std::move(values)), arena_(std::move(arena)) {
        const Shape& s = values_->shape();
        stats_.resize(static_cast<std::size_t>(s.n) * static_cast<std::size_t>(s.c));
        arena_->execute([&] {
            oneapi::tbb::parallel_for(0, s.n * s.c, [&](int i) {
                stats_[static_cast<std::size_t>(i)] = simd.plane_stats(values_->plane(i / s.c, i % s.c));
            });
        });
    }

    Shape shape() const override { return values_->shape(); }

    std::span<const ChannelStats> stats(int item) const override {
        assert(item >= 0 && item < shape().n);
        const auto channels = static_cast<std::size_t>(shape().c);
        return {&stats_[static_cast<std::size_t>(item) * channels], channels};
    }

    Expected<Image> render_grid(const Look& look, const Cancel& cancel) const override {
        if (look.item < 0 || look.item >= shape().n)
            return fail("item {} is not there: the batch has items 0 to {}", look.item, shape().n - 1);
        return arena_->execute([&] { return render_grid_cpu(*values_, stats(look.item), look, cancel); });
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
            kept_.resize(std::min(i, kept_.size()));
            auto result = run(layer, *values, cancel);
            if (!result) return tl::unexpected(result.error());
            values = *result;
            kept_.push_back({layer, values, std::make_shared<const CpuActivations>(values, simd_, arena_)});
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

    Expected<std::shared_ptr<const Tensor>> run(const Layer& layer, const Tensor& input, const Cancel& cancel) {
        const auto shape = output_shape(layer, input.shape());
        if (!shape) return tl::unexpected(shape.error());
        const std::size_t bytes = shape->count() * sizeof(float), most = most_result_bytes();
        if (bytes > most)
            return fail("{}: the output {} needs {:.1f} GB, more than half of this machine's memory ({:.1f} GB): use a smaller "
                        "image, a larger stride or fewer channels",
                        layer.name, to_string(*shape), static_cast<double>(bytes) * 1e-9, static_cast<double>(2 * most) * 1e-9);
        const auto output = pool_.take(*shape);
        const bool complete = arena_->execute([&] {
            return std::visit([&](const Conv2d& conv) { return conv2d_forward(conv, input, simd_, cancel, *output); },
                              layer.operation);
        });
        if (!complete) return cancelled();
        return output;
    }

    const Simd& simd_;
    int threads_;
    std::shared_ptr<task_arena> arena_;
    TensorPool pool_;
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
