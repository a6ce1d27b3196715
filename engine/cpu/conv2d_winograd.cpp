/// Conv2d by Winograd's F(4x4, 3x3).
///
/// The tiles are divided into blocks, and blocks of tiles and groups of channels into units. A unit's inputs are
/// transformed, which gives 36 matrices [input channel][tile]. Each is multiplied by the matrix of the kernels'
/// numbers, by the loop for output channels in the lanes, and the products are transformed to outputs.
#include "engine/cpu/conv2d_winograd.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr int line_floats = 16;  ///< Floats in a cache line; what is a power of two apart shares few lines of a cache.
constexpr int max_width = 64;    ///< Maximum of channels of a block.
constexpr int min_channels = 32,
              max_channels = 1024;  ///< Of input channels: rounding errors grow with them.
constexpr std::size_t max_weight_floats = std::size_t{64} << 20U;  ///< 256 MB.
constexpr int block_floats = 160 * 1024;  ///< Transformed inputs of a unit, at most unless it has min_tiles: 640 KB.
constexpr int min_tiles = 16, max_tile_columns = 32;
/// Weights of a partial sum, which all positions read: half of a first-level cache.
constexpr int weight_bytes = 24 * 1024;
constexpr int channels_a_task = 8;  ///< Input channels that a task transforms.
constexpr int min_blocks = 8;       ///< For the threads, if there are enough tiles.

/// Measured costs in units of a product of the direct sums: of an input and an output channel of a tile, of a number of
/// a kernel, which comes from memory, and of starting the threads.
constexpr double input_cost = 250, output_cost = 300, weight_cost = 10, fixed_cost = 7e6;
constexpr double margin = 1.2;  ///< Sums are kept unless the algorithm is faster by this factor.

int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// The factors of a kernel's row or column: point^i divided by the product of the differences to the other points.
std::array<std::array<double, 3>, winograd_side> kernel_factors() {
    std::array<std::array<double, 3>, winograd_side> factors{};
    for (std::size_t j = 0; j < winograd_points.size(); ++j) {
        double differences = 1;
        for (std::size_t i = 0; i < winograd_points.size(); ++i)
            if (i != j) differences *= winograd_points[j] - winograd_points[i];
        factors[j] = {1 / differences, winograd_points[j] / differences,
                      winograd_points[j] * winograd_points[j] / differences};
    }
    factors.back() = {0, 0, 1};
    return factors;
}

}  // namespace

std::optional<WinogradTiles> winograd_tiles(const ConvParams& params, const Shape& weight, const Shape& input,
                                            int lanes) {
    const auto output = output_shape(params, weight, input);
    if (!output || weight.h != 3 || weight.w != 3 || params.stride != Size2{1, 1} || params.dilation != Size2{1, 1} ||
        lanes == 1 || weight.c < min_channels || weight.c > max_channels)
        return std::nullopt;
    const int group_channels = weight.n / params.groups,
              width = ceil_div(group_channels, lanes) * lanes;  // computed, whether they are used or not
    const std::size_t numbers = std::size_t{winograd_numbers} * static_cast<std::size_t>(weight.c);
    if (numbers * static_cast<std::size_t>(width) > max_weight_floats / static_cast<std::size_t>(params.groups))
        return std::nullopt;
    WinogradTiles tiles{{ceil_div(output->h, winograd_outputs), ceil_div(output->w, winograd_outputs)}, {}, {}};
    const double count = 1.0 * tiles.count.h * tiles.count.w, products = 1.0 * weight.c * width,
                 sums = 9.0 * output->n * output->h * output->w * weight.c * group_channels,
                 cost =
                     output->n * count * (winograd_numbers * products + input_cost * weight.c + output_cost * width) +
                     weight_cost * winograd_numbers * products + fixed_cost / params.groups;
    if (cost > sums / margin) return std::nullopt;
    const int most =
        std::max(min_tiles, std::min(block_floats / static_cast<int>(numbers), static_cast<int>(count) / min_blocks));
    tiles.blocks.w = ceil_div(tiles.count.w, std::min(most, max_tile_columns));
    tiles.block.w = ceil_div(tiles.count.w, tiles.blocks.w);
    tiles.blocks.h = ceil_div(tiles.count.h, std::max(1, most / tiles.block.w));
    tiles.block.h = ceil_div(tiles.count.h, tiles.blocks.h);
    tiles.blocks = {ceil_div(tiles.count.h, tiles.block.h), ceil_div(tiles.count.w, tiles.block.w)};
    return tiles;
}

/// State of one call of run().
struct Conv2dWinograd::Run {
    const Tensor& input;
    const Cancel& cancel;
    Tensor& output;
    Tensor* rectified;
    const PointTail& tail;
    bool stats;
};

/// The tiles of a block, and a group of channels.
struct Conv2dWinograd::Area {
    int n, group;       ///< Batch item; index among the groups that have channels to compute.
    int row, column;    ///< The first tile.
    int rows, columns;  ///< Of tiles.
    int block_column;   ///< Of blocks.
    int tiles() const { return rows * columns; }
};

Conv2dWinograd::Conv2dWinograd(const Conv2d& layer, const Shape& input, const WinogradTiles& tiles, const Simd& simd,
                               std::shared_ptr<Conv2dWinogradMemory> memory, std::vector<int> channels)
    : Conv2dAlgorithm(layer, input, simd, std::move(channels)),
      tiles_(tiles),
      division_(layer, channels_, Lanes::channels, simd),
      memory_(std::move(memory)) {
    for (int group = 0; group < division_.groups(); ++group)
        group_of_block_.resize(static_cast<std::size_t>(division_.first_block(group + 1)), group);
}

/// A unit is a block of an image, counted over all images, and a group that has channels to compute.
Conv2dWinograd::Area Conv2dWinograd::area_of(std::ptrdiff_t unit) const {
    Area area{};
    area.group = static_cast<int>(unit % division_.groups());
    const auto block = static_cast<int>(unit / division_.groups()),
               in_image = block % (tiles_.blocks.h * tiles_.blocks.w);
    area.n = block / (tiles_.blocks.h * tiles_.blocks.w);
    area.block_column = in_image % tiles_.blocks.w;
    area.row = in_image / tiles_.blocks.w * tiles_.block.h;
    area.column = area.block_column * tiles_.block.w;
    area.rows = std::min(tiles_.block.h, tiles_.count.h - area.row);
    area.columns = std::min(tiles_.block.w, tiles_.count.w - area.column);
    return area;
}

/// Returns the distance of a unit's 36 matrices of transformed inputs.
std::size_t Conv2dWinograd::number_floats(const Area& area) const {
    return static_cast<std::size_t>(in_channels()) * static_cast<std::size_t>(area.tiles()) + line_floats;
}

bool Conv2dWinograd::transform_weights(const Cancel& cancel) {
    if (weights_.size() > 0) return true;
    const auto& blocks = division_.blocks();
    const int width = static_cast<int>(blocks.back().bias) + PackedWeights::width(blocks.back(), simd_);
    Tensor made({width, winograd_numbers, 1, in_channels()});
    bias_ = Tensor({1, 1, 1, width}, 0.0F);
    zeros_ = Tensor({1, 1, 1, max_width}, 0.0F);
    for (const Block& block : blocks)
        for (int i = 0; layer_.bias && i < block.count; ++i)
            bias_.data()[block.bias + static_cast<std::size_t>(i)] =
                (*layer_.bias)[static_cast<std::size_t>(channels_[static_cast<std::size_t>(block.first + i)])];
    const bool done = for_each_tile(std::ssize(blocks) * in_channels(), cancel, [&](std::ptrdiff_t i) {
        const Block& block = blocks[static_cast<std::size_t>(i / in_channels())];
        transform_kernels(block, static_cast<int>(i % in_channels()), &made.at(static_cast<int>(block.bias), 0, 0, 0));
    });
    if (done) weights_ = std::move(made);
    return done;
}

/// Transforms the kernels of one input channel for all channels of a block, in double precision.
void Conv2dWinograd::transform_kernels(const Block& block, int channel, float* to) const {
    static const auto factors = kernel_factors();
    using Channels = std::array<double, max_width>;  // [channel of the block]
    const auto width = static_cast<std::size_t>(PackedWeights::width(block, simd_));
    std::array<Channels, 9> kernels{};
    std::array<Channels, winograd_side * 3> columns;
    for (std::size_t i = 0; i < static_cast<std::size_t>(block.count); ++i) {
        const auto kernel = layer_.weight->plane(channels_[static_cast<std::size_t>(block.first) + i], channel);
        for (std::size_t tap = 0; tap < 9; ++tap)
            kernels[tap][i] = static_cast<double>(kernel[layer_.params.flip ? 8 - tap : tap]);
    }
    for (std::size_t y = 0; y < winograd_side; ++y)
        for (std::size_t x = 0; x < 3; ++x)
            for (std::size_t i = 0; i < width; ++i)
                columns[y * 3 + x][i] = factors[y][0] * kernels[x][i] + factors[y][1] * kernels[3 + x][i] +
                                        factors[y][2] * kernels[6 + x][i];
    for (std::size_t y = 0; y < winograd_side; ++y)
        for (std::size_t x = 0; x < winograd_side; ++x) {
            float* const numbers = to + ((y * winograd_side + x) * static_cast<std::size_t>(in_channels()) +
                                         static_cast<std::size_t>(channel)) *
                                            width;
            for (std::size_t i = 0; i < width; ++i)
                numbers[i] =
                    static_cast<float>(factors[x][0] * columns[y * 3][i] + factors[x][1] * columns[y * 3 + 1][i] +
                                       factors[x][2] * columns[y * 3 + 2][i]);
        }
}

/// Packs row `row` of the inputs of a unit's tiles, sorted by the column modulo 4.
void Conv2dWinograd::pack_row(const Tensor& input, const Area& area, int channel, int row,
                              Conv2dWinogradMemory::Scratch& scratch, std::ptrdiff_t phase_pitch) const {
    const int top = area.row * winograd_outputs - pad_.top + row, left = area.column * winograd_outputs - pad_.left,
              length = (area.columns + 1) * winograd_outputs;
    float* const to = scratch.rows.data() + 4 * phase_pitch * row;
    // Of what lies beyond the padding, nothing is stored, so that it may be zero.
    const PaddingMode mode = layer_.params.padding_mode;
    const int source = top < input_shape_.h + pad_.bottom ? padded_source(mode, top, input_shape_.h) : -1;
    if (source < 0) {
        std::fill_n(to, 4 * phase_pitch, 0.0F);
        return;
    }
    const float* const from = &input.at(area.n, channel, source, 0);
    float* const line = scratch.line.data();
    const int columns = std::min(length, input_shape_.w + pad_.right - left);
    const int inner = std::clamp(-left, 0, columns), outer = std::clamp(input_shape_.w - left, inner, columns);
    const auto beyond = [&](int x) {
        const int column = padded_source(mode, left + x, input_shape_.w);
        return column < 0 ? 0.0F : from[column];
    };
    for (int x = 0; x < inner; ++x) line[x] = beyond(x);
    std::copy(from + left + inner, from + left + outer, line + inner);
    for (int x = outer; x < columns; ++x) line[x] = beyond(x);
    std::fill(line + columns, line + length, 0.0F);
    float* const phases[] = {to, to + phase_pitch, to + 2 * phase_pitch, to + 3 * phase_pitch};
    simd_.conv.deinterleave(line, 4, area.columns + 1, phases);
}

/// Transforms one input channel of a unit to its part of each matrix.
void Conv2dWinograd::transform_input(const Tensor& input, const Area& area, int channel, float* to) const {
    auto& scratch = memory_->threads.local();
    const int rows = area.rows * winograd_outputs + winograd_side - winograd_outputs,
              phase_pitch = ceil_div(area.columns + 1, simd_.lanes) * simd_.lanes + simd_.lanes;
    scratch.line.reshape({1, 1, 1, (area.columns + 1) * winograd_outputs});
    scratch.rows.reshape({1, rows, 4, phase_pitch});
    const auto& blocks = division_.blocks();
    const int group = blocks[static_cast<std::size_t>(division_.first_block(area.group))].group;
    for (int row = 0; row < rows; ++row)
        pack_row(input, area, group * in_channels() + channel, row, scratch, phase_pitch);
    to += static_cast<std::ptrdiff_t>(channel) * area.tiles();
    for (int row = 0; row < area.rows; ++row)
        simd_.winograd.transform_input(
            {&scratch.rows.at(0, row * winograd_outputs, 0, 0), 4 * phase_pitch, phase_pitch}, area.columns,
            to + row * area.columns, (area.rows - row) * area.columns,
            static_cast<std::ptrdiff_t>(number_floats(area)));
}

/// Computes a block of channels of a unit from its transformed inputs.
bool Conv2dWinograd::compute(Run& run, const Area& area, const Block& block, const float* inputs) const {
    constexpr std::ptrdiff_t tap = 0;
    auto& scratch = memory_->threads.local();
    const auto width = static_cast<std::size_t>(PackedWeights::width(block, simd_));
    const std::size_t pitch = static_cast<std::size_t>(area.tiles()) * width + line_floats;
    scratch.products.reshape({1, winograd_numbers, 1, static_cast<int>(pitch)});
    const int at_once = std::clamp(weight_bytes / static_cast<int>(width * sizeof(float)), 1, in_channels());
    const float* weights = weights_.data() + block.bias * winograd_numbers * static_cast<std::size_t>(in_channels());
    for (std::size_t number = 0; number < winograd_numbers; ++number, inputs += number_floats(area)) {
        if (run.cancel.requested()) return false;
        const Segment segment{inputs, &tap, area.tiles(), 0, 0, area.tiles()};
        for (int c = 0; c < in_channels(); c += at_once) {
            RowJob job{};
            job.segments = {&segment, 1};
            job.first_channel = c;
            job.channels = std::min(at_once, in_channels() - c);
            job.taps = 1;
            job.weights = weights;
            job.bias = c == 0 ? zeros_.data() : nullptr;
            simd_.conv.convolve_channels(job, block.vectors, scratch.products.data() + number * pitch);
            weights += static_cast<std::size_t>(job.channels) * width;
        }
    }
    store(run, area, block, scratch);
    return true;
}

/// Transforms the products of a block of channels to outputs and stores them.
void Conv2dWinograd::store(Run& run, const Area& area, const Block& block,
                           Conv2dWinogradMemory::Scratch& scratch) const {
    const int width = PackedWeights::width(block, simd_), left = area.column * winograd_outputs,
              columns = ceil_div(area.columns * winograd_outputs, simd_.lanes) * simd_.lanes,
              used = std::min(area.columns * winograd_outputs, shape_.w - left);
    scratch.sums.reshape({1, winograd_outputs, columns, width});
    scratch.stats.resize(static_cast<std::size_t>(block.vectors));
    const auto rows_of = [&](Tensor* tensor, int y, std::vector<float*>& found) -> float* const* {
        if (!tensor) return nullptr;
        found.clear();
        for (int i = 0; i < block.count; ++i)
            found.push_back(&tensor->at(area.n, channels_[static_cast<std::size_t>(block.first + i)], y, left));
        return found.data();
    };
    for (int row = 0; row < area.rows; ++row) {
        simd_.winograd.transform_output({scratch.products.data() + std::ptrdiff_t{row} * area.columns * width,
                                         std::ptrdiff_t{area.tiles()} * width + line_floats, area.columns,
                                         block.vectors, bias_.data() + block.bias, scratch.sums.data(),
                                         std::ptrdiff_t{columns} * width});
        std::ranges::for_each(scratch.stats, simd_.conv.clear);
        const int top = (area.row + row) * winograd_outputs, rows = std::min(winograd_outputs, shape_.h - top);
        for (int y = 0; y < rows; ++y)
            simd_.conv.store_channels(&scratch.sums.at(0, y, 0, 0), used, block.vectors, block.count,
                                      rows_of(&run.output, top + y, scratch.outputs),
                                      rows_of(run.rectified, top + y, scratch.rectified),
                                      run.stats ? scratch.stats.data() : nullptr);
        for (int i = 0; !run.tail.empty() && i < block.count; ++i)
            for (int y = 0; y < rows; ++y)
                run.tail.run(simd_, run.output, area.n, channels_[static_cast<std::size_t>(block.first + i)],
                             static_cast<std::size_t>(top + y) * static_cast<std::size_t>(shape_.w) +
                                 static_cast<std::size_t>(left),
                             static_cast<std::size_t>(used));
        for (int i = 0; run.stats && i < block.count; ++i) {
            const LaneStats& s = scratch.stats[static_cast<std::size_t>(i / simd_.lanes)];
            const int lane = i % simd_.lanes;
            const std::size_t channel =
                static_cast<std::size_t>(area.n) * channels_.size() + static_cast<std::size_t>(block.first + i);
            memory_->parts[(channel * static_cast<std::size_t>(tiles_.count.h) +
                            static_cast<std::size_t>(area.row + row)) *
                               static_cast<std::size_t>(tiles_.blocks.w) +
                           static_cast<std::size_t>(area.block_column)] = {s.min[lane], s.max[lane], s.sum[lane],
                                                                           s.sum_abs[lane]};
        }
    }
}

/// Each task transforms the inputs of a unit and computes all its channels.
bool Conv2dWinograd::run_alone(Run& run, std::ptrdiff_t units) const {
    return for_each_tile(units, run.cancel, [&](std::ptrdiff_t unit) {
        const Area area = area_of(unit);
        Tensor& inputs = memory_->threads.local().inputs;
        inputs.reshape({1, winograd_numbers, 1, static_cast<int>(number_floats(area))});
        for (int c = 0; c < in_channels(); ++c) {
            if (run.cancel.requested()) return false;
            transform_input(run.input, area, c, inputs.data());
        }
        for (int b = division_.first_block(area.group); b < division_.first_block(area.group + 1); ++b)
            if (!compute(run, area, division_.blocks()[static_cast<std::size_t>(b)], inputs.data())) return false;
        return true;
    });
}

/// All threads transform the inputs of all units, then compute blocks of channels: there are fewer units than would
/// keep all threads busy.
bool Conv2dWinograd::run_together(Run& run, std::ptrdiff_t units) const {
    const std::size_t floats = winograd_numbers * number_floats(area_of(0));  // no unit is larger than the first
    memory_->inputs.reshape({static_cast<int>(units), 1, 1, static_cast<int>(floats)});
    const auto inputs_of = [&](std::ptrdiff_t unit) { return &memory_->inputs.at(static_cast<int>(unit), 0, 0, 0); };
    const int tasks = ceil_div(in_channels(), channels_a_task);
    if (!for_each_tile(units * tasks, run.cancel.part(0, 0.1F), [&](std::ptrdiff_t i) {
            const std::ptrdiff_t unit = i / tasks;
            const int first = static_cast<int>(i % tasks) * channels_a_task;
            for (int c = first; c < std::min(first + channels_a_task, in_channels()); ++c)
                transform_input(run.input, area_of(unit), c, inputs_of(unit));
        }))
        return false;
    const std::ptrdiff_t blocks = std::ssize(division_.blocks());
    return for_each_tile(units / division_.groups() * blocks, run.cancel.part(0.1F, 1), [&](std::ptrdiff_t i) {
        const auto block = static_cast<std::size_t>(i % blocks);
        const std::ptrdiff_t unit = i / blocks * division_.groups() + group_of_block_[block];
        return compute(run, area_of(unit), division_.blocks()[block], inputs_of(unit));
    });
}

bool Conv2dWinograd::run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
                         Tensor* rectified, const PointTail& tail) {
    if (!transform_weights(cancel.part(0, 0.1F))) return false;
    if (!stats.empty())
        memory_->parts.resize(static_cast<std::size_t>(shape_.n) * channels_.size() *
                              static_cast<std::size_t>(tiles_.count.h) * static_cast<std::size_t>(tiles_.blocks.w));
    const Cancel rest = cancel.part(0.1F, 1);
    Run run{input, rest, output, rectified, tail, !stats.empty()};
    const std::ptrdiff_t units = std::ptrdiff_t{shape_.n} * tiles_.blocks.h * tiles_.blocks.w * division_.groups();
    const int threads = loop_threads();
    if (!(threads == 1 || units >= 4 * threads ? run_alone(run, units) : run_together(run, units))) return false;
    if (!stats.empty()) combine(memory_->parts, channels_, shape_, stats);
    return true;
}

}  // namespace convlens
