/// Packs weights, chooses a shader, and splits the work into parts that can be bound and finish quickly.
#include "app/gpu/conv2d_gl.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace convlens {
namespace {

constexpr int max_quads = 2048;   ///< 32 KB of shared memory in vec4s: every driver of OpenGL 4.3 has that.
constexpr int some_quads = 1024;  ///< With half of that, more workgroups run at once.
/// conv2d_tiled is used up to this stride; wider strides leave too much of a tile unused.
constexpr int max_phases = 8;

int ceil_div(int a, int b) { return (a + b - 1) / b; }

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// A tile for an output size. The first tile is used whose conditions hold and that fits into shared memory.
struct TileChoice {
    int width_from;  ///< Minimum number of output columns.
    /// Minimum number of output channels per group; with fewer, too many threads of this tile would be idle.
    int channels_from;
    int lx, ly, lz;  ///< Threads of a workgroup. It covers 4 lx columns, ly rows and 8 lz channels.
};
constexpr std::array<TileChoice, 9> tile_choices{{{33, 9, 16, 4, 2},
                                                  {33, 4, 16, 8, 1},
                                                  {17, 17, 8, 4, 4},
                                                  {17, 9, 8, 8, 2},
                                                  {17, 4, 8, 16, 1},
                                                  {1, 17, 4, 8, 4},
                                                  {1, 4, 4, 16, 2},
                                                  // for strides and kernels for which the other tiles do not fit
                                                  {1, 4, 8, 4, 1},
                                                  {1, 4, 4, 8, 1}}};

/// Returns the plan with this tile; its `quads` is 0 if the tile does not fit into shared memory.
ConvPlan with_tile(const TileChoice& tile, const Conv2d& layer, bool specialize) {
    const ConvParams& p = layer.params;
    const Size2 k = layer.kernel_size();
    ConvPlan plan{"conv2d_tiled.comp", 8, tile.lx, tile.ly, tile.lz, 4};
    const std::int64_t rows = std::int64_t{tile.ly - 1} * p.stride.h + std::int64_t{k.h - 1} * p.dilation.h + 1;
    const std::int64_t columns = std::int64_t{4 * tile.lx - 1} * p.stride.w + std::int64_t{k.w - 1} * p.dilation.w + 1;
    if (rows > max_quads || columns > 4 * max_quads) return plan;
    plan.tile_rows = static_cast<int>(rows);
    plan.tile_columns = static_cast<int>(columns);
    const int taps_of_phase = ceil_div(k.w, p.stride.w);
    plan.phase_quads = ceil_div(ceil_div(plan.tile_columns, p.stride.w), 4);
    if (p.dilation.w == 1) plan.phase_quads = std::max(plan.phase_quads, tile.lx + ceil_div(taps_of_phase, 4));
    const int input_quads = plan.tile_rows * p.stride.w * plan.phase_quads, weight_quads = k.h * k.w * 2 * tile.lz;
    const int of_channel = input_quads + weight_quads;
    if (of_channel > max_quads) return plan;
    plan.quads = specialize && of_channel <= some_quads ? some_quads : max_quads;
    plan.stage_channels = std::min(plan.quads / of_channel, layer.weight->shape().c);
    plan.kernel_base = plan.stage_channels * input_quads;
    return plan;
}

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
        const auto fits = static_cast<int>(std::min<std::size_t>(most / std::max(item_in, item_out), to_size(e.in.n)));
        const int items = std::min(fits, max_groups_z / all_blocks);
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
         {"group_count", part.groups},
         {"block_count", part.blocks},
         {"outputs", outputs},
         {"channel_first", part.channel},
         {"channel_count", part.channels},
         {"accumulate", part.channel > 0}});
}

void set_sizes(const GlProgram& program, const Conv2d& layer, const Extents& e, const ConvPlan& plan) {
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
                 {"group_blocks", e.group_blocks},
                 {"tile_rows", plan.tile_rows},
                 {"tile_columns", plan.tile_columns},
                 {"phase_quads", plan.phase_quads},
                 {"threads_x", plan.lx},
                 {"threads_y", plan.ly},
                 {"threads_z", plan.lz},
                 {"stage_channels", plan.stage_channels},
                 {"kernel_base", plan.kernel_base}});
}

Defines defines_of(const ConvPlan& plan, const Conv2d& layer, bool specialize) {
    if (plan.quads == 0) return {};
    const auto number = [](int n) { return std::to_string(n); };
    const ConvParams& p = layer.params;
    const Size2 k = layer.kernel_size();
    Defines defines{{"THREADS", number(plan.lx * plan.ly * plan.lz)},
                    {"QUADS", number(plan.quads)},
                    {"DILATED", p.dilation.w > 1 ? "1" : "0"}};
    if (specialize)
        defines.insert(defines.end(), {{"kernel_h", number(k.h)},
                                       {"kernel_w", number(k.w)},
                                       {"stride_h", number(p.stride.h)},
                                       {"stride_w", number(p.stride.w)},
                                       {"dilation_h", number(p.dilation.h)},
                                       {"dilation_w", number(p.dilation.w)},
                                       {"threads_x", number(plan.lx)},
                                       {"threads_y", number(plan.ly)},
                                       {"threads_z", number(plan.lz)}});
    return defines;
}

/// Number of workgroups of a part along x, y and z if its input channels are not split.
struct Groups {
    int x, y, z;

    Groups(const Extents& e, const Part& part, const ConvPlan& plan)
        : x(ceil_div(e.out.w, plan.lx * plan.x_of_thread)),
          y(ceil_div(e.out.h, plan.ly)),
          z(part.items * part.groups * ceil_div(part.blocks, plan.lz)) {}
};

/// Dispatches a part in slices of workgroups. `splits` workgroups share the input channels of each output.
Expected<void> dispatch_part(GlDevice& device, const GlProgram& program, const Extents& e, const Part& part,
                             const ConvPlan& plan, int splits, Pacer& pacer) {
    const Groups groups(e, part, plan);
    const int gx = groups.x, gy = groups.y, gz = groups.z * splits;
    const double of_group = static_cast<double>(plan.lx) * plan.x_of_thread * plan.ly * plan.lz * plan.block_channels *
                            part.channels * static_cast<double>(e.taps) / splits;
    const auto slice = [&](double of_one, int most) {
        return static_cast<int>(std::clamp(pacer.slice() / of_one, 1.0, static_cast<double>(most)));
    };
    const int nx = slice(of_group, std::min(gx, device.max_groups()));
    const int ny = slice(of_group * nx, std::min(gy, device.max_groups()));
    const int nz = slice(of_group * nx * ny, std::min(gz, device.max_groups()));
    for (int z = 0; z < gz; z += nz)
        for (int y = 0; y < gy; y += ny)
            for (int x = 0; x < gx; x += nx) {
                const int cx = std::min(nx, gx - x), cy = std::min(ny, gy - y), cz = std::min(nz, gz - z);
                program.set("first_group", x, y, z);
                device.dispatch(cx, cy, cz);
                if (auto ok = pacer.did(of_group * cx * cy * cz); !ok) return ok;
            }
    return {};
}

/// Returns how many workgroups share the input channels of an output: more than one if the layer has many input
/// channels and so few outputs that most of the GPU would be idle.
int splits_of(const GlDevice& device, const Extents& e, const Part& part, const ConvPlan& plan) {
    constexpr int enough_groups = 512;  // two to four per compute unit of a large GPU
    constexpr int least_channels = 8;   // per split
    const bool whole_items = part.groups == e.groups && part.blocks == e.group_blocks && part.channels == e.group_in;
    if (!device.split() || plan.quads == 0 || !whole_items) return 1;
    const Groups groups(e, part, plan);
    const std::size_t values = to_size(part.items) * to_size(e.out.c) * e.out.plane();
    const std::size_t bound =
        std::min(device.max_block(), to_size(device.max_groups()) * 256) / std::max<std::size_t>(values, 1);
    const int wanted =
        std::min(enough_groups / std::max(1, groups.x * groups.y * groups.z), part.channels / least_channels);
    return std::max(1, std::min(wanted, static_cast<int>(std::min<std::size_t>(bound, 64))));
}

/// Adds the partial sums in `sums` and the bias, and writes the results to the part's position in the output.
Expected<void> sum_splits(GlDevice& device, const Extents& e, const Part& part, int splits, const GlBuffer& sums,
                          const PackedKernels::Packed& kernels, const GlValues& output) {
    const auto program = device.program("sum_splits.comp", {});
    if (!program) return tl::unexpected(program.error());
    const std::size_t count = to_size(part.items) * to_size(e.out.c) * e.out.plane(),
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
         {"group_blocks", e.group_blocks}});
    device.dispatch(static_cast<int>((count + 255) / 256), 1, 1);
    return {};
}

/// Runs one part with its input channels shared by `splits` workgroups.
Expected<void> run_split(GlDevice& device, const GlProgram& program, const Extents& e, const Part& part,
                         const ConvPlan& plan, int splits, const PackedKernels::Packed& kernels, const GlValues& output,
                         Pacer& pacer) {
    const std::size_t count = to_size(part.items) * to_size(e.out.c) * e.out.plane();
    const auto sums = device.memory(count * to_size(splits), "sums over some of the channels");
    if (!sums) return tl::unexpected(sums.error());
    device.bind(3, **sums, 0, count * to_size(splits));
    program.use({{"output_base", 0}, {"split_values", static_cast<int>(count)}});
    if (auto ok = dispatch_part(device, program, e, part, plan, splits, pacer); !ok) return ok;
    return sum_splits(device, e, part, splits, **sums, kernels, output);
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

ConvPlan plan_conv2d(const GlDevice& device, const Conv2d& layer, const Shape& output) {
    const int group_out = output.c / layer.params.groups;
    const ConvPlan one_each{"conv2d_naive.comp", 1, 8, 8, 1, 1};
    if (device.naive()) return one_each;
    if (layer.params.stride.w <= max_phases)
        for (const TileChoice& tile : tile_choices) {
            if (output.w < tile.width_from || group_out < tile.channels_from) continue;
            const ConvPlan plan = with_tile(tile, layer, device.specialize());
            if (plan.quads > 0) return plan;
        }
    return group_out < 4 ? one_each : ConvPlan{"conv2d_direct.comp", 8, 8, 8, 1, 1};
}

bool can_run(const GlDevice& device, const Conv2d& layer, const Shape& input, const Shape& output) {
    const Extents e(layer, input, output, plan_conv2d(device, layer, output).block_channels);
    return std::max({input.plane(), e.block_values(), e.block_weights()}) <= device.max_block();
}

Expected<void> conv2d_forward(GlDevice& device, const Conv2d& layer, PackedKernels& kernels, const GlValues& input,
                              const GlValues& output, Pacer& pacer) {
    const ConvPlan plan = plan_conv2d(device, layer, output.shape);
    const auto packed = kernels.get(device, layer, plan.block_channels);
    if (!packed) return tl::unexpected(packed.error());
    const auto program = device.program(plan.shader, defines_of(plan, layer, device.specialize()));
    if (!program) return tl::unexpected(program.error());
    const Extents e(layer, input.shape, output.shape, plan.block_channels);
    set_sizes(**program, layer, e, plan);
    for (const Part& part : parts_of(e, device.max_block(), device.max_groups())) {
        bind_part(device, **program, e, part, *packed, input, output);
        const int asked = splits_of(device, e, part, plan), split_channels = ceil_div(part.channels, asked),
                  splits = ceil_div(part.channels, split_channels);
        (*program)->use({{"splits", splits}, {"split_channels", split_channels}});
        const auto done = splits > 1 ? run_split(device, **program, e, part, plan, splits, *packed, output, pacer)
                                     : dispatch_part(device, **program, e, part, plan, 1, pacer);
        if (!done) return done;
    }
    return {};
}

}  // namespace convlens
