/// The CPU backend: runs layers and caches their results.
#include "engine/cpu/cpu_backend.h"

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <variant>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/core/sentence.h"
#include "engine/cpu/channel_part.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/grid_cpu.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tensor_pool.h"
#include "engine/cpu/tiles.h"
#include "engine/nn/draw_grid.h"
#include "engine/nn/layer_results.h"

namespace convlens {
namespace {

/// Returns the maximum size of the results of all layers in bytes: half of memory_limit(), because the results before
/// an edit are kept until those after it are there.
std::size_t max_result_bytes() { return memory_limit() / 2; }

class CpuActivations final : public Activations, public DrawsCells {
  public:
    /// `stats` and `versions` have one entry per batch item and channel of `values`.
    CpuActivations(std::shared_ptr<const Tensor> values, std::vector<ChannelStats> stats,
                   std::vector<std::uint64_t> versions, std::shared_ptr<const void> numbering, const Simd& simd,
                   std::shared_ptr<Arena> arena)
        : values_(std::move(values)),
          stats_(std::move(stats)),
          versions_(std::move(versions)),
          numbering_(std::move(numbering)),
          simd_(simd),
          arena_(std::move(arena)) {}

    Shape shape() const override { return values_->shape(); }

    std::span<const ChannelStats> stats(int item) const override {
        assert(item >= 0 && item < shape().n);
        return of_item(std::span(stats_), item);
    }

    Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel, Image&& memory) const override {
        GridPicture picture{std::move(memory), {}};
        auto drawn = draw_cells(display, cancel, picture);
        if (!drawn) memory = std::move(picture.image);
        return drawn.map([&] { return std::move(picture.image); });
    }

    Expected<void> draw_cells(const DisplayOptions& display, const Cancel& cancel,
                              GridPicture& picture) const override {
        if (display.item < 0 || display.item >= shape().n)
            return fail("item {} does not exist: the batch has items 0 to {}", display.item, shape().n - 1);
        const ChannelVersions versions{numbering_, of_item(std::span(versions_), display.item)};
        return arena_->execute(
            [&] { return draw_grid_cpu(*values_, stats(display.item), versions, display, simd_, cancel, picture); });
    }

    Expected<Tensor> read(int item, ChannelRange channels, Rect area) const override {
        Tensor part({1, channels.count, area.h, area.w});
        for (int c = 0; c < channels.count; ++c)
            for (int y = 0; y < area.h; ++y)
                std::copy_n(&values_->at(item, channels.first + c, area.y + y, area.x), area.w, &part.at(0, c, y, 0));
        return part;
    }

  private:
    template <class Value>
    std::span<const Value> of_item(std::span<const Value> all, int item) const {
        const auto channels = static_cast<std::size_t>(shape().c);
        return all.subspan(static_cast<std::size_t>(item) * channels, channels);
    }

    std::shared_ptr<const Tensor> values_;
    std::vector<ChannelStats> stats_;      ///< n * c entries.
    std::vector<std::uint64_t> versions_;  ///< n * c entries.
    std::shared_ptr<const void> numbering_;
    const Simd& simd_;
    std::shared_ptr<Arena> arena_;
};

class CpuBackend final : public Backend {
  public:
    CpuBackend(const Simd& simd, int threads)
        : simd_(simd), threads_(threads), arena_(std::make_shared<Arena>(threads)) {}

    std::string name() const override {
        return fmt::format("CPU {}, {} thread{}{}", simd_.name, threads_, threads_ == 1 ? "" : "s",
                           lean_ ? ", keeps only the feature maps that fit into memory" : "");
    }

    Expected<std::shared_ptr<const Activations>> forward(const Network& network, std::shared_ptr<const Tensor> input,
                                                         int last_layer, const Cancel& cancel) override {
        assert(last_layer >= 0 && static_cast<std::size_t>(last_layer) < network.layers.size());
        if (input != input_) results_.clear();
        input_ = std::move(input);
        results_.match(network, is_current, [this, &network](const Entry& e, int i) {
            const Layer& layer = network.layers[static_cast<std::size_t>(i)];
            return results_.same_inputs(network, i) ? changed_channels_of(e, layer).has_value()
                                                    : follows(e, layer, inputs_of(network.layers, i));
        });
        if (const auto layers = results_.missing(network, last_layer); !layers.empty())
            if (auto ok = run(network, layers, cancel); !ok) return tl::unexpected(ok.error());
        CpuResult& last = *results_.find(last_layer);
        if (last.stats.empty()) {
            auto stats = stats_of(*last.values, cancel);
            if (!stats) return tl::unexpected(stats.error());
            last.stats = std::move(*stats);
        }
        if (!last.activations)
            last.activations = std::make_shared<const CpuActivations>(last.values, last.stats, last.versions,
                                                                      numbering_, simd_, arena_);
        return last.activations;
    }

    void forget() override {
        results_.clear();
        part_ = {};
    }

  private:
    /// The output of a layer.
    struct CpuResult {
        std::shared_ptr<const Tensor> values;
        /// One entry per batch item and channel. A convolution computes them while it runs; for other layers they are
        /// empty until they are needed.
        std::vector<ChannelStats> stats = {};
        /// The numbers of the values, one per batch item and channel: see ChannelVersions.
        std::vector<std::uint64_t> versions = {};
        std::shared_ptr<const CpuActivations> activations = nullptr;  ///< Null until it is needed.

        /// The version that this one replaces, if only some channels were computed again: its key, the channels in
        /// which the two differ, and the address of its values. The next version is written into its memory, if that is
        /// free by then, so that the channels in which they do not differ need not be copied. The address is null once
        /// the memory was used for something else.
        std::uint64_t before = 0;  ///< 0 if there is none.
        std::vector<int> changed = {};
        const Tensor* earlier = nullptr;
    };
    using Results = LayerResults<CpuResult>;
    using Entry = Results::Entry;

    /// What is known of the layers of a network before they run. Entry i + 1 of `shapes` is that of layer i.
    struct Plan {
        std::vector<Shape> shapes;
        std::vector<double> work{0.0};  ///< Work of all layers before each one, for the progress.
        std::vector<int> readers;       ///< Number of layers to run that read a layer.
        bool lean = false;              ///< Whether results are dropped once no layer reads them.
    };

    const Tensor& output_of(int layer) { return layer < 0 ? *input_ : *results_.find(layer)->values; }

    /// Prepares `layers`. Checks all shapes, and that there is enough memory: if the results of all layers do not fit,
    /// those must fit that other layers still read.
    Expected<Plan> prepare(const Network& network, const std::vector<int>& layers) {
        Plan plan;
        plan.shapes.resize(network.layers.size() + 1);
        plan.readers.resize(network.layers.size());
        plan.shapes[0] = input_->shape();
        std::size_t bytes = 0;
        for (int i = 0; i < static_cast<int>(network.layers.size()); ++i)
            if (const CpuResult* r = results_.find(i)) bytes += bytes_of(r->values->shape());
        std::size_t in_all = bytes;
        for (const int i : layers) {
            const Layer& layer = network.layers[static_cast<std::size_t>(i)];
            for (const int from : inputs_of(network.layers, i)) {
                if (from < 0) continue;
                ++plan.readers[static_cast<std::size_t>(from)];
                if (const CpuResult* r = results_.find(from))
                    plan.shapes[static_cast<std::size_t>(from) + 1] = r->values->shape();
            }
            const std::vector<Shape> read = input_shapes(network.layers, i, plan.shapes);
            const auto shape = output_shape(layer, read);
            if (!shape) return tl::unexpected(shape.error());
            plan.shapes[static_cast<std::size_t>(i) + 1] = *shape;
            // The work is the number of multiply-accumulates or of values, whichever is larger.
            const std::uint64_t macs = multiply_accumulates(spec_of(layer.operation), read.front(), *shape);
            std::size_t values = shape->count();
            for (const Shape& s : read) values = std::max(values, s.count());
            plan.work.push_back(plan.work.back() + static_cast<double>(std::max<std::uint64_t>(macs, values)));
            const std::size_t own = bytes_of(*shape);
            in_all = own > SIZE_MAX - in_all ? SIZE_MAX : in_all + own;
        }
        plan.lean = in_all > max_result_bytes();
        if (!plan.lean) {
            pool_.keep(in_all);
            return plan;
        }
        std::size_t most = 0;
        bytes = 0;
        for (int i = 0; i < static_cast<int>(plan.readers.size()); ++i)
            if (plan.readers[static_cast<std::size_t>(i)] > 0)
                if (const CpuResult* r = results_.find(i)) bytes += bytes_of(r->values->shape());
        std::vector<int> left = plan.readers;
        for (const int i : layers) {
            const Shape& shape = plan.shapes[static_cast<std::size_t>(i) + 1];
            if (auto ok = check_memory(network.layers[static_cast<std::size_t>(i)], shape, bytes); !ok)
                return tl::unexpected(ok.error());
            bytes += bytes_of(shape);
            most = std::max(most, bytes);
            for (const int from : inputs_of(network.layers, i))
                if (from >= 0 && --left[static_cast<std::size_t>(from)] == 0)
                    bytes -= bytes_of(plan.shapes[static_cast<std::size_t>(from) + 1]);
        }
        pool_.keep(most);
        return plan;
    }

    /// Runs `layers` and keeps their results. Checks all shapes before any layer runs. The results of layers that have
    /// run stay even if a later layer is canceled.
    Expected<void> run(const Network& network, const std::vector<int>& layers, const Cancel& cancel) {
        auto plan = prepare(network, layers);
        if (!plan) return tl::unexpected(plan.error());
        results_.drop_after(network.layers.size());
        lean_ = plan->lean;
        const auto at = [](int layer) { return static_cast<std::size_t>(layer); };
        if (plan->lean)
            for (int i = 0; i < static_cast<int>(plan->readers.size()); ++i)
                if (plan->readers[at(i)] == 0) results_.drop(i);
        const auto progress = [&](std::size_t i) { return static_cast<float>(plan->work[i] / plan->work.back()); };
        const auto has_read = [&](int layer) {
            for (const int from : inputs_of(network.layers, layer))
                if (from >= 0 && --plan->readers[at(from)] == 0 && plan->lean) results_.drop(from);
        };
        for (std::size_t k = 0, end = 0; k < layers.size(); k = end) {
            const int i = layers[k];
            const Layer& layer = network.layers[at(i)];
            const auto changed = channels_to_update(network, i);
            const bool alone = changed || !std::holds_alternative<Conv2d>(layer.operation);
            const auto feeds = [&](std::size_t last) {  // layers[last + 1] reads only layers[last]
                return last + 1 < layers.size() && layers[last + 1] == layers[last] + 1 &&
                       network.layers[at(layers[last + 1])].inputs.empty();
            };
            // A ReLU directly after a convolution is computed while the convolution's values are in registers, batch
            // normalizations and rectifiers while they are in the caches.
            const bool rectifies =
                !alone && feeds(k) && std::holds_alternative<ReLU>(network.layers[at(layers[k + 1])].operation);
            PointTail tail;
            std::vector<std::shared_ptr<Tensor>> outputs;
            end = k + (rectifies ? 2 : 1);
            while (!alone && !rectifies && !plan->lean && feeds(end - 1)) {
                auto step_of = PointStep::of(network.layers[at(layers[end])].operation);
                if (!step_of) break;
                tail.steps.push_back(std::move(*step_of));
                outputs.push_back(take(plan->shapes[at(layers[end]) + 1]));
                tail.outputs.push_back(outputs.back().get());
                ++end;
            }
            std::vector<const Tensor*> from;
            for (const int input : inputs_of(network.layers, i)) from.push_back(&output_of(input));
            const Cancel step = cancel.part(progress(k), progress(end));
            CpuResult next;
            if (changed) {
                if (!update(layer, *results_.older(i), *changed, *from.front(), step, next)) return canceled();
            } else {
                const auto output = take(plan->shapes[at(i) + 1]),
                           rectified = rectifies ? take(plan->shapes[at(i) + 2]) : nullptr;
                next = {output, {}, new_versions(output->shape())};
                if (!run(i, layer, next.stats, from, step, *output, rectified.get(), tail)) return canceled();
                if (rectifies) outputs.push_back(rectified);
            }
            results_.put(network, i, std::move(next));
            for (std::size_t f = 0; f < outputs.size(); ++f)
                results_.put(network, layers[k + 1 + f], {outputs[f], {}, new_versions(outputs[f]->shape())});
            for (std::size_t f = k; f < end; ++f) has_read(layers[f]);
        }
        return {};
    }

    bool run(int index, const Layer& layer, std::vector<ChannelStats>& stats, std::span<const Tensor* const> inputs,
             const Cancel& cancel, Tensor& output, Tensor* rectified, const PointTail& tail) {
        return arena_->execute([&] {
            const auto* conv = std::get_if<Conv2d>(&layer.operation);
            if (!conv) return layer_forward(layer.operation, simd_, inputs, cancel, output);
            const Shape& s = output.shape();
            stats.resize(static_cast<std::size_t>(s.n) * static_cast<std::size_t>(s.c));
            return plan(static_cast<std::size_t>(index), *conv, inputs.front()->shape())
                .run(*inputs.front(), cancel, output, stats, rectified, tail);
        });
    }

    /// Returns true if `kept` has the output of `layer`: it is an equal layer, or a convolution whose weights are
    /// different objects in memory with equal values.
    static bool is_current(const Entry& kept, const Layer& layer) {
        if (kept.layer.operation == layer.operation) return true;
        const auto changed = changed_channels_of(kept, layer);
        return changed && changed->empty();
    }

    /// Returns the channels of a convolution that must be computed if the other channels are copied from `before`.
    /// Returns nullopt if the layers do not match or if more than half of the channels have changed.
    static std::optional<std::vector<int>> changed_channels_of(const Entry& before, const Layer& layer) {
        const auto* a = std::get_if<Conv2d>(&before.layer.operation);
        const auto* b = std::get_if<Conv2d>(&layer.operation);
        auto changed = a && b ? changed_channels(*a, *b) : std::nullopt;
        if (changed && changed->size() > static_cast<std::size_t>(b->weight->shape().n) / 2) changed.reset();
        return changed;
    }

    /// Returns true if `kept` has the output of `layer` for a version of its input that is known, with other values in
    /// some channels, and if the layer computes each channel from the same channel of the input.
    bool follows(const Entry& kept, const Layer& layer, const std::vector<int>& inputs) const {
        if (inputs.size() != 1 || inputs.front() < 0 || kept.from.size() != 1 ||
            kept.layer.operation != layer.operation || !separates_channels(layer.operation))
            return false;
        if (const Entry* older = results_.older(inputs.front())) return older->key == kept.from.front();
        const auto& input = results_.entries()[static_cast<std::size_t>(inputs.front())];
        return input && input->result && replaces(*input->result, kept.from.front());
    }

    /// Returns the channels in which the output of layer `index` differs from its older result. Returns nullopt if
    /// there is no older result from which it can be made.
    std::optional<std::vector<int>> channels_to_update(const Network& network, int index) {
        const Entry* older = results_.older(index);
        if (!older) return std::nullopt;
        const Layer& layer = network.layers[static_cast<std::size_t>(index)];
        if (std::holds_alternative<Conv2d>(layer.operation)) return changed_channels_of(*older, layer);
        const CpuResult* input = results_.find(inputs_of(network.layers, index).front());
        if (!input || !replaces(*input, older->from.front())) return std::nullopt;
        return input->changed;
    }

    /// Returns true if `result` was made from the one with the key `key`. 0 is the key of the network's input.
    static bool replaces(const CpuResult& result, std::uint64_t key) { return key != 0 && result.before == key; }

    /// Returns a tensor for the output of a layer, with unspecified values.
    std::shared_ptr<Tensor> take(const Shape& shape) {
        auto tensor = pool_.take(shape);
        has_taken(tensor.get());
        return tensor;
    }

    std::vector<std::uint64_t> new_versions(const Shape& shape) {
        std::vector<std::uint64_t> versions(static_cast<std::size_t>(shape.n) * static_cast<std::size_t>(shape.c));
        for (std::uint64_t& version : versions) version = ++last_version_;
        return versions;
    }

    /// Notes that the tensor no longer has the values of an earlier version.
    void has_taken(const Tensor* tensor) {
        for (auto& e : results_.entries())
            if (e && e->result && e->result->earlier == tensor) e->result->earlier = nullptr;
    }

    /// Computes the output of a layer that differs from that of `before` in the `changed` channels, and takes the
    /// others and their statistics from `before`. If the memory of the version before that is free, computes what has
    /// changed since then in it, and copies nothing.
    bool update(const Layer& layer, const Entry& before, const std::vector<int>& changed, const Tensor& input,
                const Cancel& cancel, CpuResult& next) {
        const CpuResult& old = *before.result;
        const Shape s = old.values->shape();
        std::vector<int> channels = changed;
        auto output = old.earlier ? pool_.take_again(old.earlier) : nullptr;
        const bool copied = !output;
        if (output) {
            channels.clear();
            std::ranges::set_union(changed, old.changed, std::back_inserter(channels));
            has_taken(output.get());
        } else {
            output = take(s);
        }
        next = {output, old.stats, old.versions, nullptr, before.key, changed, old.values.get()};
        for (std::size_t i = 0; i < next.versions.size(); ++i)
            if (std::ranges::binary_search(changed, static_cast<int>(i % static_cast<std::size_t>(s.c))))
                next.versions[i] = ++last_version_;
        return arena_->execute([&] {
            const auto for_each_plane = [&](const auto& body) {
                return for_each_tile(static_cast<std::ptrdiff_t>(s.n) * s.c, cancel.part(0, 0), [&](std::ptrdiff_t i) {
                    body(static_cast<int>(i / s.c), static_cast<int>(i % s.c), static_cast<std::size_t>(i));
                });
            };
            if (copied && !for_each_plane([&](int n, int c, std::size_t /*i*/) {
                    if (!std::ranges::binary_search(channels, c))
                        std::ranges::copy(old.values->plane(n, c), output->plane(n, c).begin());
                }))
                return false;
            if (const auto* conv = std::get_if<Conv2d>(&layer.operation))
                return Conv2dPlan(*conv, input.shape(), simd_, memory_, channels)
                    .run(input, cancel, *output, next.stats);
            return channels_forward(layer.operation, simd_, input, channels, cancel, *output, part_) &&
                   (next.stats.empty() || for_each_plane([&](int n, int c, std::size_t i) {
                        if (std::ranges::binary_search(changed, c))
                            next.stats[i] = simd_.plane_stats(output->plane(n, c));
                    }));
        });
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

    static std::size_t bytes_of(const Shape& shape) {
        const std::size_t count = shape.count();
        return count > SIZE_MAX / sizeof(float) ? SIZE_MAX : count * sizeof(float);
    }

    static Expected<void> check_memory(const Layer& layer, const Shape& output, std::size_t bytes_before) {
        const std::size_t bytes = bytes_of(output), most = max_result_bytes();
        if (bytes <= most && bytes_before <= most - bytes) return {};
        return fail(
            "{}: the output {} needs {}{}, more than half of the memory limit ({}): use a smaller image, a larger "
            "stride or fewer channels, or raise the limit with --memory",
            layer.name, to_string(output), bytes_in_words(bytes),
            bytes_before > 0 ? sentence(" and the layers before it {}", bytes_in_words(bytes_before)) : "",
            bytes_in_words(memory_limit()));
    }

    const Simd& simd_;
    int threads_;
    std::shared_ptr<Arena> arena_;
    TensorPool pool_;
    std::shared_ptr<Conv2dMemory> memory_ = make_conv2d_memory();
    std::vector<std::unique_ptr<Conv2dPlan>> plans_;  ///< By layer index; null for layers other than convolutions.
    std::shared_ptr<const Tensor> input_;
    Results results_;

    ChannelPart part_;
    std::shared_ptr<const void> numbering_ = std::make_shared<const int>(0);  ///< ChannelVersions::source.
    std::uint64_t last_version_ = 0;
    bool lean_ = false;  ///< Whether the last run has dropped results.
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
