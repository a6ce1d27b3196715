/// Conv2d of separate channels: packing of rows, division into tasks.
#include "engine/cpu/conv2d_depthwise.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "engine/cpu/simd.h"

namespace convlens {
namespace {

constexpr std::int64_t band_bytes = 128 * 1024;      ///< Maximum of the packed rows of a band, unless it has one row.
constexpr std::int64_t max_row_bytes = 1024 * 1024;  ///< Maximum of the packed rows of one output row.
constexpr int part_values = 2048;  ///< Statistics are reduced after about this many values, in rows of a tile.
constexpr int tile_rows = 8;
constexpr int max_sharing = 2;                   ///< Output channels that may read the same input channel.
constexpr int max_taps = 512;                    ///< Larger kernels gain nothing.
constexpr std::int64_t task_values = 32 * 1024;  ///< Products and packed values that take a task some 10 us.

RowLayout layout_of(const Conv2d& layer, const Shape& input, const Simd& simd) {
    return RowLayout::packed(layer, input.w, output_shape(layer, input).value().w, simd.lanes);
}

/// Returns the number of rows of the padded input that `rows` output rows span.
std::int64_t span_of(const Conv2d& layer, std::int64_t rows) {
    return (rows - 1) * layer.params.stride.h +
           (layer.kernel_size().h - 1) * static_cast<std::int64_t>(layer.params.dilation.h) + 1;
}

std::int64_t row_bytes(const RowLayout& layout) { return static_cast<std::int64_t>(layout.length() * sizeof(float)); }

}  // namespace

bool suits_depthwise(const Conv2d& layer, const Shape& input, const Simd& simd) {
    const Shape& weight = layer.weight->shape();
    return weight.c == 1 && layer.params.groups > 1 && weight.n <= max_sharing * layer.params.groups &&
           weight.plane() <= max_taps && span_of(layer, 1) * row_bytes(layout_of(layer, input, simd)) <= max_row_bytes;
}

Conv2dDepthwise::Conv2dDepthwise(const Conv2d& layer, const Shape& input, const Simd& simd,
                                 std::shared_ptr<Conv2dDepthwiseMemory> memory, std::vector<int> channels)
    : Conv2dAlgorithm(layer, input, simd, std::move(channels)),
      layout_(layout_of(layer, input, simd)),
      memory_(std::move(memory)) {
    part_rows_ = std::max(1, part_values / shape_.w / tile_rows) * tile_rows;
    band_rows_ = shape_.h;
    while (band_rows_ > 1 && span_of(layer_, band_rows_) * row_bytes(layout_) > band_bytes)
        band_rows_ = (band_rows_ + 1) / 2;
    bands_ = (shape_.h + band_rows_ - 1) / band_rows_;
    for (int ky = 0; ky < layer_.kernel_size().h; ++ky)
        for (const std::ptrdiff_t column : layout_.columns())
            taps_.push_back(static_cast<std::ptrdiff_t>(layout_.length()) * ky * layer_.params.dilation.h + column);
    for (const int channel : channels_) {
        const auto kernel = layer_.weight->plane(channel, 0);
        weights_.insert(weights_.end(), kernel.begin(), kernel.end());
        if (layer_.params.flip) std::reverse(weights_.end() - std::ssize(kernel), weights_.end());
    }
}

bool Conv2dDepthwise::run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
                          Tensor* rectified, const PointTail& tail) {
    const std::int64_t units = static_cast<std::int64_t>(shape_.n) * std::ssize(channels_) * bands_;
    const int parts = (band_rows_ + part_rows_ - 1) / part_rows_;  // of a band; those past the last row are empty
    if (!stats.empty()) memory_->parts.resize(static_cast<std::size_t>(units * parts));
    const int sharing = layer_.weight->shape().n / layer_.params.groups;
    const auto length = static_cast<std::ptrdiff_t>(layout_.length()), row_step = length * layer_.params.stride.h;
    const bool zeros = layer_.params.padding_mode == PaddingMode::zeros;
    // Packs the rows of a band. Zeros of the padding stay in the memory from channel to channel.
    const auto pack = [&](int n, int channel, int first, int end, Tensor& rows, bool fresh) {
        rows.reshape({1, 1, end - first, static_cast<int>(length)});
        if (zeros && fresh) std::ranges::fill(rows.values(), 0.0F);
        for (int padded = first; padded < end; ++padded) {
            float* const to = &rows.at(0, 0, padded - first, 0);
            const int y = padded_source(layer_.params.padding_mode, padded - pad_.top, input_shape_.h);
            if (y < 0) continue;
            const float* const from = &input.at(n, channel, y, 0);
            zeros ? layout_.pack_values(from, to, simd_.conv) : layout_.pack(from, to, simd_.conv);
        }
    };
    const auto compute = [&](std::int64_t unit, bool fresh) {
        const auto band = static_cast<int>(unit % bands_);
        const auto i = static_cast<std::size_t>(unit / bands_) % channels_.size();
        const auto n = static_cast<int>(unit / bands_ / std::ssize(channels_));
        const int channel = channels_[i], begin = band * band_rows_, count = std::min(band_rows_, shape_.h - begin);
        Tensor& rows = memory_->rows.local();
        const int first = begin * layer_.params.stride.h;
        pack(n, channel / sharing, first, first + static_cast<int>(span_of(layer_, count)), rows, fresh);
        for (int part = 0; part < parts; ++part) {
            const int y = begin + part * part_rows_;
            LaneStats found;
            simd_.conv.clear(found);
            if (y < begin + count)
                simd_.conv.convolve_plane(
                    {rows.data() + std::ptrdiff_t{y - begin} * row_step, row_step, taps_, &weights_[i * taps_.size()],
                     layer_.bias ? (*layer_.bias)[static_cast<std::size_t>(channel)] : 0.0F,
                     std::min(part_rows_, begin + count - y), shape_.w, &output.at(n, channel, y, 0),
                     rectified ? &rectified->at(n, channel, y, 0) : nullptr},
                    stats.empty() ? nullptr : &found);
            if (!stats.empty())
                memory_->parts[static_cast<std::size_t>(unit * parts + part)] = simd_.conv.reduce(found);
        }
        const auto width = static_cast<std::size_t>(shape_.w);
        tail.run(simd_, output, n, channel, static_cast<std::size_t>(begin) * width,
                 static_cast<std::size_t>(count) * width);
    };
    const std::int64_t values = static_cast<std::int64_t>(band_rows_) * shape_.w * std::ssize(taps_) / simd_.lanes +
                                span_of(layer_, band_rows_) * length;
    std::atomic<std::int64_t> done = 0;
    std::atomic<bool> stopped = false;
    parallel_ranges(units, std::max<std::int64_t>(1, task_values / values), [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t unit = begin; unit < end; ++unit) {
            if (stopped || cancel.requested()) {
                stopped = true;
                return;
            }
            compute(unit, unit == begin || bands_ > 1);
        }
        cancel.report(static_cast<float>(done += end - begin) / static_cast<float>(units));
    });
    if (!stopped && !stats.empty()) combine(memory_->parts, channels_, shape_, stats);
    return !stopped;
}

}  // namespace convlens
