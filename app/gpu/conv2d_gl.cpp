/// Packs weights, chooses a shader, and splits the work into parts that can be bound and finish quickly.
#include "app/gpu/conv2d_gl.h"

#include <algorithm>
#include <cassert>

namespace convlens {
namespace {

int ceil_div(int a, int b) { return (a + b - 1) / b; }

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

// The sizes that were fastest on an NVIDIA H200 (docs/GPU.md). With more pixels per thread than 4, the accumulators do
// not stay in registers.
constexpr ConvPlan wide_plan{"conv2d_matmul.comp", 64, 256, 128, 16};
constexpr ConvPlan narrow_plan{"conv2d_matmul.comp", 32, 128, 64, 16};
constexpr ConvPlan direct_plan{"conv2d_direct.comp", 8, 128, 256, 256};
/// With fewer output channels per group, a workgroup of conv2d_matmul.comp would be half idle.
constexpr int least_matmul_channels = 17;

/// The part of the work that one binding of buffers covers: some items x groups x blocks of output channels, for a
/// range of input channels. Each range is its first index and its count.
struct Part {
    int item, items, group, groups, block, blocks, channel, channels;
};

/// Sizes of a convolution that are needed to split it.
struct Extents {
    Shape in, out;
    int groups, group_in, group_out, block_channels, group_blocks;
    std::size_t taps;

    Extents(const Conv2d& layer, const Shape& input, const Shape& output, int block)
        : in(input),
          out(output),
          groups(layer.params.groups),
          group_in(in.c / groups),
          group_out(out.c / groups),
          block_channels(block),
          group_blocks(ceil_div(group_out, block)),
          taps(layer.weight->shape().plane()) {}

    std::size_t block_weights() const { return to_size(group_in) * taps * to_size(block_channels); }
    std::size_t block_values() const { return to_size(std::min(block_channels, group_out)) * out.plane(); }
};

/// Splits the work into parts whose buffers have at most `most` floats and that need at most `max_groups_z` workgroups
/// along z: whole batch items if they fit, otherwise blocks and input channels of one group of one item.
std::vector<Part> parts_of(const Extents& e, std::size_t most, int max_groups_z) {
    std::vector<Part> parts;
    const std::size_t item_in = to_size(e.in.c) * e.in.plane(), item_out = to_size(e.out.c) * e.out.plane();
    const std::size_t weights = to_size(e.groups * e.group_blocks) * e.block_weights();
    const int all_blocks = e.groups * e.group_blocks;
    if (item_in <= most && item_out <= most && weights <= most && all_blocks <= max_groups_z) {
        const auto items = static_cast<int>(std::min<std::size_t>(most / std::max(item_in, item_out), to_size(e.in.n)));
        for (int n = 0; n < e.in.n; n += items)
            parts.push_back({n, std::min(items, e.in.n - n), 0, e.groups, 0, e.group_blocks, 0, e.group_in});
        return parts;
    }
    const auto channels = static_cast<int>(std::min<std::size_t>(most / e.in.plane(), to_size(e.group_in)));
    const std::size_t of_block = std::max(e.block_values(), e.block_weights());
    const int blocks =
        std::min(static_cast<int>(std::min<std::size_t>(most / of_block, to_size(e.group_blocks))), max_groups_z);
    for (int n = 0; n < e.in.n; ++n)
        for (int g = 0; g < e.groups; ++g)
            for (int b = 0; b < e.group_blocks; b += blocks)
                for (int c = 0; c < e.group_in; c += channels)
                    parts.push_back(
                        {n, 1, g, 1, b, std::min(blocks, e.group_blocks - b), c, std::min(channels, e.group_in - c)});
    return parts;
}

/// Binds the buffers of `part` and sets the uniforms with their offsets.
void bind_part(GlDevice& device, const GlProgram& program, const Extents& e, const Part& part,
               const PackedKernels::Packed& kernels, const GlValues& input, const GlValues& output) {
    const auto in_channel = to_size(part.item) * to_size(e.in.c) + to_size(part.group * e.group_in + part.channel);
    const auto in_count =
        part.items > 1 || part.groups > 1 ? to_size(part.items) * to_size(e.in.c) : to_size(part.channels);
    const int first_output = part.block * e.block_channels,
              outputs = std::min(part.blocks * e.block_channels, e.group_out - first_output);
    const auto out_channel = to_size(part.item) * to_size(e.out.c) + to_size(part.group * e.group_out + first_output);
    const auto out_count =
        part.items > 1 || part.groups > 1 ? to_size(part.items) * to_size(e.out.c) : to_size(outputs);
    const auto block = to_size(part.group * e.group_blocks + part.block);
    const auto block_count = part.groups > 1 ? to_size(part.groups * e.group_blocks) : to_size(part.blocks);
    const int weight_base =
        device.bind(1, *kernels.weights, block * e.block_weights(), block_count * e.block_weights());
    program.use(
        {{"input_base", device.bind(0, *input.memory, in_channel * e.in.plane(), in_count * e.in.plane())},
         {"weight_base", weight_base / (e.block_channels == 1 ? 1 : 4)},
         {"bias_base",
          device.bind(2, *kernels.bias, block * to_size(e.block_channels), block_count * to_size(e.block_channels))},
         {"output_base", device.bind(3, *output.memory, out_channel * e.out.plane(), out_count * e.out.plane())},
         {"items", part.items},
         {"block_count", part.blocks},
         {"outputs", outputs},
         {"channel_first", part.channel},
         {"channel_count", part.channels},
         {"accumulate", part.channel > 0}});
}

void set_sizes(const GlProgram& program, const Conv2d& layer, const Extents& e) {
    const ConvParams& p = layer.params;
    const Size2 k = layer.kernel_size();
    const Padding pad = resolve_padding(p, k);
    program.use({{"input_h", e.in.h},
                 {"input_w", e.in.w},
                 {"output_h", e.out.h},
                 {"output_w", e.out.w},
                 {"kernel_h", k.h},
                 {"kernel_w", k.w},
                 {"stride_h", p.stride.h},
                 {"stride_w", p.stride.w},
                 {"dilation_h", p.dilation.h},
                 {"dilation_w", p.dilation.w},
                 {"pad_top", pad.top},
                 {"pad_left", pad.left},
                 {"padding_mode", static_cast<int>(p.padding_mode)},
                 {"in_channels", e.in.c},
                 {"out_channels", e.out.c},
                 {"group_in", e.group_in},
                 {"group_out", e.group_out},
                 {"group_blocks", e.group_blocks}});
}

Defines defines_of(const ConvPlan& plan, const Conv2d& layer, bool specialize) {
    const auto number = [](int n) { return std::to_string(n); };
    const ConvParams& p = layer.params;
    const Size2 k = layer.kernel_size();
    Defines defines{{"THREADS", number(plan.threads)}};
    if (plan.stage == 0) return defines;
    const bool matmul = plan.block_channels > 8;
    if (matmul) defines.emplace_back("BLOCK", number(plan.block_channels));
    defines.emplace_back("PIXELS", number(plan.pixels / (matmul ? 32 : plan.threads)));
    defines.emplace_back("STAGE", number(plan.stage));
    if (specialize)
        defines.insert(defines.end(), {{"kernel_h", number(k.h)},
                                       {"kernel_w", number(k.w)},
                                       {"stride_h", number(p.stride.h)},
                                       {"stride_w", number(p.stride.w)},
                                       {"dilation_h", number(p.dilation.h)},
                                       {"dilation_w", number(p.dilation.w)}});
    return defines;
}

/// Returns the number of output pixels of a part.
std::size_t pixels_of(const Extents& e, const Part& part) { return to_size(part.items) * e.out.plane(); }

/// Number of workgroups of a part along x and z if its taps are not split.
struct Groups {
    int x, z;

    Groups(const Extents& e, const Part& part, const ConvPlan& plan)
        : x(static_cast<int>((pixels_of(e, part) + to_size(plan.pixels) - 1) / to_size(plan.pixels))),
          z(part.groups * part.blocks) {}
};

/// Dispatches a part in slices of workgroups. `splits` workgroups share the taps of each output.
Expected<void> dispatch_part(GlDevice& device, const GlProgram& program, const Extents& e, const Part& part,
                             const ConvPlan& plan, int splits, Pacer& pacer) {
    const Groups groups(e, part, plan);
    const int gx = groups.x, gz = groups.z * splits;
    const double of_group = static_cast<double>(plan.pixels) * std::min(plan.block_channels, e.group_out) *
                            part.channels * static_cast<double>(e.taps) / splits;
    const auto slice = [&](double of_one, int most) {
        return static_cast<int>(std::clamp(pacer.slice() / of_one, 1.0, static_cast<double>(most)));
    };
    const int nx = slice(of_group, std::min(gx, device.max_groups()));
    const int nz = slice(of_group * nx, std::min(gz, device.max_groups()));
    for (int z = 0; z < gz; z += nz)
        for (int x = 0; x < gx; x += nx) {
            const int cx = std::min(nx, gx - x), cz = std::min(nz, gz - z);
            program.set("first_group", x, 0, z);
            device.dispatch(cx, 1, cz);
            if (auto ok = pacer.did(of_group * cx * cz); !ok) return ok;
        }
    return {};
}

/// Returns how many workgroups share the taps of an output: more than one if the layer has many taps and so few outputs
/// that most of the GPU would be idle.
int splits_of(const GlDevice& device, const Extents& e, const Part& part, const ConvPlan& plan) {
    constexpr int enough_groups = 528;  // four per compute unit of a large GPU
    constexpr int least_taps = 32;      // per split
    const bool whole_items = part.groups == e.groups && part.blocks == e.group_blocks && part.channels == e.group_in;
    if (!device.split() || plan.stage == 0 || !whole_items) return 1;
    const Groups groups(e, part, plan);
    const std::size_t values = pixels_of(e, part) * to_size(e.out.c);
    const std::size_t bound =
        std::min(device.max_block(), to_size(device.max_groups()) * 256) / std::max<std::size_t>(values, 1);
    const std::size_t wanted = std::min(to_size(enough_groups / std::max(1, groups.x * groups.z)),
                                        to_size(part.channels) * e.taps / least_taps);
    return static_cast<int>(std::clamp<std::size_t>(std::min(wanted, bound), 1, 64));
}

/// Adds the partial sums in `sums` and the bias, and writes the results to the part's position in the output.
Expected<void> sum_splits(GlDevice& device, const Extents& e, const Part& part, int splits, const GlBuffer& sums,
                          const PackedKernels::Packed& kernels, const GlValues& output) {
    const auto program = device.program("sum_splits.comp", {});
    if (!program) return tl::unexpected(program.error());
    const std::size_t count = pixels_of(e, part) * to_size(e.out.c),
                      bias = to_size(e.groups * e.group_blocks * e.block_channels);
    device.bind(0, sums, 0, count * to_size(splits));
    (*program)->use(
        {{"bias_base", device.bind(2, *kernels.bias, 0, bias)},
         {"output_base", device.bind(3, *output.memory, to_size(part.item) * to_size(e.out.c) * e.out.plane(), count)},
         {"count", static_cast<int>(count)},
         {"splits", splits},
         {"plane", static_cast<int>(e.out.plane())},
         {"out_channels", e.out.c},
         {"group_out", e.group_out},
         {"group_blocks", e.group_blocks},
         {"block_channels", e.block_channels}});
    device.dispatch(static_cast<int>((count + 255) / 256), 1, 1);
    return {};
}

/// Runs one part with its taps shared by `splits` workgroups.
Expected<void> run_split(GlDevice& device, const GlProgram& program, const Extents& e, const Part& part,
                         const ConvPlan& plan, int splits, const PackedKernels::Packed& kernels, const GlValues& output,
                         Pacer& pacer) {
    const std::size_t count = pixels_of(e, part) * to_size(e.out.c);
    const auto sums = device.memory(count * to_size(splits), "sums over some of the taps");
    if (!sums) return tl::unexpected(sums.error());
    device.bind(3, **sums, 0, count * to_size(splits));
    program.use({{"output_base", 0}, {"split_values", static_cast<int>(count)}});
    if (auto ok = dispatch_part(device, program, e, part, plan, splits, pacer); !ok) return ok;
    return sum_splits(device, e, part, splits, **sums, kernels, output);
}

/// Returns true if the device can bind the buffers of the smallest part into which the work can be split.
bool binds(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output, const ConvPlan& plan) {
    const Extents e(layer, input, output, plan.block_channels);
    return std::max({input.plane(), e.block_values(), e.block_weights()}) <= device.max_block();
}

}  // namespace

Expected<PackedKernels::Packed> PackedKernels::get(GlDevice& device, const Conv2d& layer, int block) {
    for (Entry& e : entries_)
        if (e.weight == layer.weight && e.bias == layer.bias && e.groups == layer.params.groups &&
            e.flip == layer.params.flip && e.block_channels == block)
            return e.packed;
    const Shape& s = layer.weight->shape();
    const int group_out = s.n / layer.params.groups, blocks = ceil_div(group_out, block);
    const std::size_t taps = to_size(s.c) * s.plane(), wide = to_size(block);
    std::vector<float> weights(to_size(layer.params.groups * blocks) * taps * wide, 0.0F),
        bias(to_size(layer.params.groups * blocks) * wide, 0.0F);
    for (int o = 0; o < s.n; ++o) {
        const int in_group = o % group_out;
        const std::size_t b = to_size(o / group_out * blocks + in_group / block), lane = to_size(in_group % block);
        float* to = &weights[b * taps * wide + lane];
        for (int c = 0; c < s.c; ++c) {
            const auto kernel = layer.weight->plane(o, c);
            for (std::size_t i = 0; i < kernel.size(); ++i, to += wide)
                *to = kernel[layer.params.flip ? kernel.size() - 1 - i : i];
        }
        if (layer.bias) bias[b * wide + lane] = (*layer.bias)[to_size(o)];
    }
    const auto weight_memory = device.memory(weights.size(), "the kernels"),
               bias_memory = device.memory(bias.size(), "the bias");
    if (!weight_memory) return tl::unexpected(weight_memory.error());
    if (!bias_memory) return tl::unexpected(bias_memory.error());
    device.write(**weight_memory, weights);
    device.write(**bias_memory, bias);
    entries_.push_back(
        {layer.weight, layer.bias, layer.params.groups, block, layer.params.flip, {*weight_memory, *bias_memory}});
    return entries_.back().packed;
}

void PackedKernels::keep(const std::set<const void*>& weights) {
    std::erase_if(entries_, [&](const Entry& e) { return !weights.contains(e.weight.get()); });
}

ConvPlan plan_conv2d(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output) {
    const int group_out = output.c / layer.params.groups;
    if (device.naive() || group_out < 4) return {};
    if (group_out < least_matmul_channels) return direct_plan;
    const auto padded = [&](const ConvPlan& plan) {
        return ceil_div(group_out, plan.block_channels) * plan.block_channels;
    };
    const bool wide = padded(wide_plan) == padded(narrow_plan);
    for (const ConvPlan& plan : {wide ? wide_plan : narrow_plan, narrow_plan})
        if (binds(device, layer, input, output, plan)) return plan;
    return direct_plan;
}

bool can_run(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output) {
    return binds(device, layer, input, output, plan_conv2d(device, layer, input, output));
}

Expected<void> conv2d_forward(GlDevice& device, const Conv2d& layer, PackedKernels& kernels, const GlValues& input,
                              const GlValues& output, Pacer& pacer) {
    const ConvPlan plan = plan_conv2d(device, layer, input.shape, output.shape);
    const auto packed = kernels.get(device, layer, plan.block_channels);
    if (!packed) return tl::unexpected(packed.error());
    const auto program = device.program(plan.shader, defines_of(plan, layer, device.specialize()));
    if (!program) return tl::unexpected(program.error());
    const Extents e(layer, input.shape, output.shape, plan.block_channels);
    set_sizes(**program, layer, e);
    for (const Part& part : parts_of(e, device.max_block(), device.max_groups())) {
        bind_part(device, **program, e, part, *packed, input, output);
        const int taps = part.channels * static_cast<int>(e.taps);
        const int split_taps = ceil_div(taps, splits_of(device, e, part, plan)), splits = ceil_div(taps, split_taps);
        (*program)->use({{"splits", splits}, {"split_taps", split_taps}});
        const auto done = splits > 1 ? run_split(device, **program, e, part, plan, splits, *packed, output, pacer)
                                     : dispatch_part(device, **program, e, part, plan, 1, pacer);
        if (!done) return done;
    }
    return {};
}

}  // namespace convlens
