/// One function per type of layer. Each splits its work into parts that the driver can bind and that finish quickly.
#include "app/gpu/layers_gl.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "app/gpu/gl_activations.h"
#include "engine/core/overloaded.h"

namespace convlens {
namespace {

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// What every layer's function needs.
struct Job {
    GlDevice& device;
    LayerWeights& weights;
    const GlValues& input;
    const GlValues& output;
    Pacer& pacer;

    std::size_t planes() const { return to_size(input.shape.n) * to_size(input.shape.c); }
};

/// Calls step(begin, count) for consecutive ranges that cover [0, count), each of at most `most` elements.
template <class Step>
Expected<void> for_ranges(std::size_t count, std::size_t most, const Step& step) {
    assert(most > 0);
    for (std::size_t begin = 0; begin < count; begin += most)
        if (auto ok = step(begin, std::min(most, count - begin)); !ok) return ok;
    return {};
}

/// Dispatches at least `count` threads, in workgroups of `threads_of_group`.
void dispatch_threads(GlDevice& device, std::size_t count, std::size_t threads_of_group) {
    device.dispatch(static_cast<int>((count + threads_of_group - 1) / threads_of_group), 1, 1);
}

/// Returns how many units can be processed in one dispatch, at least one: limited by the size of a binding (`unit`
/// floats per unit), by the number of workgroups, and by the work of a slice.
std::size_t units_at_once(const Job& job, std::size_t unit, double work_of_unit, std::size_t threads_of_unit,
                          std::size_t group) {
    const std::size_t bound = job.device.max_block() / unit,
                      started = to_size(job.device.max_groups()) * group / std::max<std::size_t>(threads_of_unit, 1);
    return std::max<std::size_t>(
        1, std::min({bound, started, static_cast<std::size_t>(std::max(1.0, job.pacer.slice() / work_of_unit))}));
}

/// Replaces each value x by the shader expression `expression`, in which i is the index of x among the bound values.
/// `slope` is the uniform of leaky_relu(), `pq` are p and q of a PointwiseLayer; `channels` has mean, scale and shift
/// of each channel for batch_norm().
Expected<void> map_values(const Job& job, const char* expression, float slope = 0, const GlBuffer* channels = nullptr,
                          std::array<float, 2> pq = {}) {
    constexpr std::size_t group = 256;
    const auto program = job.device.program("pointwise.comp", {{"RESULT(x, i)", expression}});
    if (!program) return tl::unexpected(program.error());
    const Shape& s = job.input.shape;
    (*program)->use({{"plane", static_cast<int>(s.plane())}, {"channel_count", s.c}});
    (*program)->set("slope", slope);
    (*program)->set("p", pq[0]);
    (*program)->set("q", pq[1]);
    job.device.bind(2, channels ? *channels : *job.input.memory, 0, channels ? to_size(3 * s.c) : 1);
    return for_ranges(s.count(), units_at_once(job, 1, 1, 1, group), [&](std::size_t begin, std::size_t count) {
        (*program)->use({{"input_base", job.device.bind(0, *job.input.memory, begin, count)},
                         {"output_base", job.device.bind(1, *job.output.memory, begin, count)},
                         {"count", static_cast<int>(count)},
                         {"first_channel", static_cast<int>(begin / s.plane() % to_size(s.c))},
                         {"first_in_plane", static_cast<int>(begin % s.plane())}});
        dispatch_threads(job.device, count, group);
        return job.pacer.did(static_cast<double>(count));
    });
}

Expected<void> batch_norm(const Job& job, const BatchNorm2d& layer) {
    std::vector<float> channels;
    for (std::size_t c = 0; c < to_size(layer.spec.num_features); ++c) {
        const double deviation =
            std::sqrt(static_cast<double>((*layer.running_var)[c]) + static_cast<double>(layer.spec.eps));
        const double weight = layer.weight ? static_cast<double>((*layer.weight)[c]) : 1.0;
        channels.insert(channels.end(), {(*layer.running_mean)[c], static_cast<float>(weight / deviation),
                                         layer.bias ? (*layer.bias)[c] : 0.0F});
    }
    const auto memory = job.device.memory(channels.size(), "the normalization");
    if (!memory) return tl::unexpected(memory.error());
    job.device.write(**memory, channels);
    return map_values(job, "batch_norm(x, i)", 0, memory->get());
}

Expected<void> prelu(const Job& job, const PReLU& layer) {
    std::vector<float> channels;  // in the place of a mean is the factor
    for (int c = 0; c < job.input.shape.c; ++c) channels.insert(channels.end(), {layer.factor(c), 0.0F, 0.0F});
    const auto memory = job.device.memory(channels.size(), "the factors");
    if (!memory) return tl::unexpected(memory.error());
    job.device.write(**memory, channels);
    return map_values(job, "prelu(x, i)", 0, memory->get());
}

/// Layers without a shader: can_run() is false, and the CPU runs them.
template <class Layer>
constexpr bool on_cpu_only = false;
template <>
constexpr bool on_cpu_only<ConvTranspose2d> = true;
template <>
constexpr bool on_cpu_only<AdaptiveMaxPool2d> = true;
template <>
constexpr bool on_cpu_only<LayerNorm2d> = true;
template <>
constexpr bool on_cpu_only<LocalResponseNorm> = true;
template <PaddingMode mode>
constexpr bool on_cpu_only<Pad2d<mode>> = true;
template <>
constexpr bool on_cpu_only<Upsample> = true;
template <>
constexpr bool on_cpu_only<PixelShuffle> = true;

template <class Layer>
Expected<void> pointwise(const Job& job, const Layer& layer) {
    static_assert(PointwiseLayer<Layer> || on_cpu_only<Layer>);
    if constexpr (PointwiseLayer<Layer>)
        return map_values(job, LayerTraits<Layer>::glsl, 0, nullptr, LayerTraits<Layer>::glsl_parameters(layer));
    return assert(false), Expected<void>();
}

/// Returns the mean of each group of channels of `values`: the groups of item 0, then those of item 1, and so on.
/// `done` is the progress to report, 0..1.
Expected<std::vector<double>> group_means(const Job& job, const GroupNormSpec& s, const GlValues& values, float done) {
    const auto stats = stats_gl(job.device, values, job.pacer.cancel().part(done, done));
    if (!stats) return tl::unexpected(stats.error());
    const std::size_t channels = to_size(s.channels_of_group());
    std::vector<double> means(stats->size() / channels);
    for (std::size_t i = 0; i < stats->size(); ++i)
        means[i / channels] += static_cast<double>((*stats)[i].mean) / static_cast<double>(channels);
    return means;
}

/// Normalizes each group of channels. Until the variances are known, the output's memory holds the squared differences
/// from the mean.
Expected<void> group_norm(const Job& job, const GroupNorm& layer) {
    const std::size_t channels = to_size(layer.spec.channels_of_group()), planes = job.planes();
    const auto means = group_means(job, layer.spec, job.input, 0);
    if (!means) return tl::unexpected(means.error());
    const auto memory = job.device.memory(3 * planes, "the normalization");
    if (!memory) return tl::unexpected(memory.error());
    // Every plane of every item has its own mean, scale and shift: the tensor is treated as one item with N * C
    // channels.
    const GlValues flat{job.input.memory, {1, static_cast<int>(planes), job.input.shape.h, job.input.shape.w}};
    const Job one_item{job.device, job.weights, flat, job.output, job.pacer};
    std::vector<float> numbers;
    for (std::size_t i = 0; i < planes; ++i)
        numbers.insert(numbers.end(), {static_cast<float>((*means)[i / channels]), 1.0F, 0.0F});
    job.device.write(**memory, numbers);
    if (auto ok = map_values(one_item, "batch_norm(x, i) * batch_norm(x, i)", 0, memory->get()); !ok) return ok;
    const auto variances = group_means(job, layer.spec, job.output, 0.5F);
    if (!variances) return tl::unexpected(variances.error());
    for (std::size_t i = 0; i < planes; ++i) {
        const std::size_t c = i % to_size(layer.spec.num_channels);
        const double deviation = std::sqrt((*variances)[i / channels] + static_cast<double>(layer.spec.eps));
        numbers[3 * i + 1] =
            static_cast<float>((layer.weight ? static_cast<double>((*layer.weight)[c]) : 1.0) / deviation);
        numbers[3 * i + 2] = layer.bias ? (*layer.bias)[c] : 0.0F;
    }
    job.device.write(**memory, numbers);
    return map_values(one_item, "batch_norm(x, i)", 0, memory->get());
}

/// Parameters of a pooling layer in the form that pool.comp uses.
struct Pool {
    const char* kind;  ///< KIND of pool.comp.
    Size2 kernel{1, 1}, stride{1, 1}, padding{0, 0}, dilation{1, 1};
    bool include_padding = false;
    int divisor = 0;  ///< Divisor of the mean; 0 means the number of values.
};

Expected<void> pool(const Job& job, const Pool& p) {
    constexpr std::size_t group = 64;
    const auto program = job.device.program("pool.comp", {{"KIND", p.kind}});
    if (!program) return tl::unexpected(program.error());
    const Shape &in = job.input.shape, &out = job.output.shape;
    (*program)->use({{"input_h", in.h},
                     {"input_w", in.w},
                     {"output_h", out.h},
                     {"output_w", out.w},
                     {"kernel_h", p.kernel.h},
                     {"kernel_w", p.kernel.w},
                     {"stride_h", p.stride.h},
                     {"stride_w", p.stride.w},
                     {"padding_h", p.padding.h},
                     {"padding_w", p.padding.w},
                     {"dilation_h", p.dilation.h},
                     {"dilation_w", p.dilation.w},
                     {"include_padding", p.include_padding},
                     {"divisor", p.divisor}});
    const double work =
        static_cast<double>(std::max(in.plane(), out.plane() * to_size(p.kernel.h) * to_size(p.kernel.w)));
    return for_ranges(
        job.planes(), units_at_once(job, std::max(in.plane(), out.plane()), work, out.plane(), group),
        [&](std::size_t first, std::size_t planes) {
            const std::size_t count = planes * out.plane();
            (*program)->use(
                {{"input_base", job.device.bind(0, *job.input.memory, first * in.plane(), planes * in.plane())},
                 {"output_base", job.device.bind(1, *job.output.memory, first * out.plane(), count)},
                 {"count", static_cast<int>(count)}});
            dispatch_threads(job.device, count, group);
            return job.pacer.did(work * static_cast<double>(planes));
        });
}

/// Returns `values` on the GPU or, if they are empty, `count` zeros.
Expected<GlMemory> bias_of(const Job& job, std::shared_ptr<const void> owner, std::span<const float> values,
                           std::size_t count) {
    if (!values.empty()) return job.weights.uploaded.get(job.device, std::move(owner), values);
    auto zeros = job.device.memory(count, "the bias");
    if (zeros) job.device.write(**zeros, std::vector<float>(count, 0.0F));
    return zeros;
}

Expected<void> linear(const Job& job, const Linear& layer) {
    const auto program = job.device.program("linear.comp", {});
    if (!program) return tl::unexpected(program.error());
    const auto length = to_size(layer.spec.in_features), rows = to_size(layer.spec.out_features);
    const auto weight = job.weights.uploaded.get(job.device, layer.weight, layer.weight->values());
    if (!weight) return tl::unexpected(weight.error());
    const auto bias =
        bias_of(job, layer.bias, layer.bias ? std::span<const float>(*layer.bias) : std::span<const float>(), rows);
    if (!bias) return tl::unexpected(bias.error());
    (*program)->use({{"length_of_row", static_cast<int>(length)}});
    const std::size_t at_once = units_at_once(job, length, static_cast<double>(length), 1, 1);
    return for_ranges(to_size(job.input.shape.n), 1, [&](std::size_t n, std::size_t) {
        return for_ranges(rows, at_once, [&](std::size_t first, std::size_t count) {
            (*program)->use({{"input_base", job.device.bind(0, *job.input.memory, n * length, length)},
                             {"weight_base", job.device.bind(1, **weight, first * length, count * length)},
                             {"bias_base", job.device.bind(2, **bias, first, count)},
                             {"output_base", job.device.bind(3, *job.output.memory, n * rows + first, count)}});
            job.device.dispatch(static_cast<int>(count), 1, 1);
            return job.pacer.did(static_cast<double>(count * length));
        });
    });
}

std::size_t local_weights(const LocallyConnected2dSpec& s) {
    return to_size(s.in_channels) * to_size(s.output_size.h) * to_size(s.output_size.w) * to_size(s.kernel_size.h) *
           to_size(s.kernel_size.w);
}

Expected<void> local2d(const Job& job, const LocallyConnected2d& layer) {
    constexpr std::size_t group = 64;
    const auto program = job.device.program("local2d.comp", {});
    if (!program) return tl::unexpected(program.error());
    const LocallyConnected2dSpec& s = layer.spec;
    const Shape &in = job.input.shape, &out = job.output.shape;
    const auto weight = job.weights.uploaded.get(job.device, layer.weight, layer.weight->values());
    if (!weight) return tl::unexpected(weight.error());
    const auto bias = bias_of(job, layer.bias, layer.bias ? layer.bias->values() : std::span<const float>(),
                              to_size(out.c) * out.plane());
    if (!bias) return tl::unexpected(bias.error());
    (*program)->use({{"input_h", in.h},
                     {"input_w", in.w},
                     {"output_h", out.h},
                     {"output_w", out.w},
                     {"in_channels", in.c},
                     {"kernel_h", s.kernel_size.h},
                     {"kernel_w", s.kernel_size.w},
                     {"stride_h", s.stride.h},
                     {"stride_w", s.stride.w}});
    const std::size_t of_channel = local_weights(s), item = to_size(in.c) * in.plane();
    const std::size_t at_once =
        units_at_once(job, std::max(of_channel, out.plane()), static_cast<double>(of_channel), out.plane(), group);
    return for_ranges(to_size(out.n), 1, [&](std::size_t n, std::size_t) {
        return for_ranges(to_size(out.c), at_once, [&](std::size_t first, std::size_t channels) {
            const std::size_t count = channels * out.plane();
            (*program)->use({{"input_base", job.device.bind(0, *job.input.memory, n * item, item)},
                             {"weight_base", job.device.bind(1, **weight, first * of_channel, channels * of_channel)},
                             {"bias_base", job.device.bind(2, **bias, first * out.plane(), count)},
                             {"output_base", job.device.bind(3, *job.output.memory,
                                                             (n * to_size(out.c) + first) * out.plane(), count)},
                             {"count", static_cast<int>(count)}});
            dispatch_threads(job.device, count, group);
            return job.pacer.did(static_cast<double>(channels * of_channel));
        });
    });
}

Expected<void> softmax(const Job& job) {
    const auto program = job.device.program("softmax.comp", {});
    if (!program) return tl::unexpected(program.error());
    const Shape& s = job.input.shape;
    const std::size_t item = to_size(s.c) * s.plane();
    (*program)->use({{"plane", static_cast<int>(s.plane())}, {"channels", s.c}});
    return for_ranges(to_size(s.n), 1, [&](std::size_t n, std::size_t) {
        (*program)->use({{"input_base", job.device.bind(0, *job.input.memory, n * item, item)},
                         {"output_base", job.device.bind(1, *job.output.memory, n * item, item)}});
        dispatch_threads(job.device, s.plane(), 64);
        return job.pacer.did(static_cast<double>(item));
    });
}

Expected<void> run(const Job& job, const Operation& operation) {
    return std::visit(
        Overloaded{[&](const Conv2d& l) {
        return conv2d_forward(job.device, l, job.weights.kernels, job.input, job.output, job.pacer);
                   },
                   [&](const LocallyConnected2d& l) {
        return local2d(job, l); },
                   [&](const ReLU&) {
        return map_values(job, "relu(x)"); },
                   [&](const LeakyReLU& l) {
        return map_values(job, "leaky_relu(x)", l.negative_slope); },
                   [&](const Sigmoid&) {
        return map_values(job, "sigmoid(x)"); },
                   [&](const Tanh&) {
        return map_values(job, "hyperbolic_tangent(x)"); },
                   [&](const MaxPool2d& p) {
        return pool(job, {"0", p.kernel_size, p.stride, p.padding, p.dilation});
                   },
                   [&](const AvgPool2d& p) {
        return pool(
            job,
            {"1", p.kernel_size, p.stride, p.padding, {1, 1}, p.count_include_pad, p.divisor_override.value_or(0)});
                   },
                   [&](const AdaptiveAvgPool2d&) {
        return pool(job, {"2"}); },
                   [&](const PReLU& l) {
        return prelu(job, l); }, [&](const auto& l) {
        return pointwise(job, l); },
                   [&](const BatchNorm2d& l) {
        return batch_norm(job, l); },
                   [&](const GroupNorm& l) {
        return group_norm(job, l); },
                   [&](const Linear& l) {
        return linear(job, l); }, [&](const Softmax&) {
        return softmax(job); },
                   [](const Flatten&) {
        return Expected<void>(); }, [](const Dropout&) {
        return Expected<void>(); },
                   []<class Layer>(const Layer&) requires JoinLayer<SpecOf<Layer>> { return Expected<void>();
}
}  // namespace
,
        operation);
}  // namespace convlens

}  // namespace

Expected<GlMemory> UploadedWeights::get(GlDevice& device, std::shared_ptr<const void> owner,
                                        std::span<const float> values) {
    for (Entry& e : entries_)
        if (e.values == values.data() && e.count == values.size()) return e.memory;
    auto memory = device.memory(values.size(), "the weights");
    if (!memory) return memory;
    device.write(**memory, values);
    entries_.push_back({std::move(owner), values.data(), values.size(), *memory});
    return memory;
}

void UploadedWeights::keep(const std::set<const void*>& owners) {
    std::erase_if(entries_, [&](const Entry& e) { return !owners.contains(e.owner.get()); });
}

void LayerWeights::keep_those_of(std::span<const Layer> layers) {
    std::set<const void*> owners;
    for (const Layer& layer : layers)
        visit_arrays(layer.operation, [&](const char*, const auto& array) { owners.insert(array.get()); });
    kernels.keep(owners);
    uploaded.keep(owners);
}

bool can_run(const GlDevice& device, const Operation& operation, const Shape& input, const Shape& output) {
    const std::size_t most = device.max_block(), in_item = to_size(input.c) * input.plane();
    const auto fits = [&](std::size_t floats) { return floats <= most; };
    const auto planes_fit = [&] {
        return fits(std::max(input.plane(), output.plane())) && output.plane() <= to_size(device.max_groups()) * 64;
    };
    return std::visit(
        Overloaded{
            [&](const Conv2d& l) { return can_run(device, l, input, output); },
            [&](const LocallyConnected2d& l) { return fits(std::max(in_item, local_weights(l.spec))) && planes_fit(); },
            []<class Layer>(const Layer&) { return PointwiseLayer<Layer> || JoinLayer<SpecOf<Layer>>; },
            [](const PReLU&) { return true; }, [](const ReLU&) { return true; }, [](const LeakyReLU&) { return true; },
            [](const Sigmoid&) { return true; }, [](const Tanh&) { return true; },
            [&](const MaxPool2d&) { return planes_fit(); }, [&](const AvgPool2d&) { return planes_fit(); },
            [&](const AdaptiveAvgPool2d&) {
                return planes_fit() && std::max({output.h, output.w}) < (1 << 15);
            },
            [&](const BatchNorm2d& l) { return fits(3 * to_size(l.spec.num_features)); },
            [&](const GroupNorm&) { return fits(3 * to_size(input.n) * to_size(input.c)); },
            [](const Flatten&) { return true; }, [&](const Linear& l) { return fits(to_size(l.spec.in_features)); },
            [](const Dropout&) { return true; }, [&](const Softmax&) { return fits(in_item) && planes_fit(); }},
        operation);
}

Expected<GlValues> layer_forward(GlDevice& device, const Operation& operation, LayerWeights& weights,
                                 const GlValues& input, const Shape& output, Pacer& pacer) {
    if (std::holds_alternative<Flatten>(operation) || std::holds_alternative<Dropout>(operation) ||
        is_join(spec_of(operation)))  // with one input
        return GlValues{input.memory, output};
    const auto memory = device.memory(output.count(), fmt::format("the output {}", to_string(output)));
    if (!memory) return tl::unexpected(memory.error());
    const GlValues values{*memory, output};
    if (auto ok = run({device, weights, input, values, pacer}, operation); !ok) return tl::unexpected(ok.error());
    return values;
}

}  // namespace convlens
