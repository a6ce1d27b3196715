/// Pooling: first along the columns of the image, a whole row at a time, then along the row that comes out.
#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

constexpr int tile_values = 1 << 16;  ///< Input values that a tile reads, about.

/// Half-open range of indices.
struct Span {
    int begin = 0;
    int end = 0;
};

/// One axis of a sliding window.
struct Axis {
    int kernel, stride, padding, dilation, input, output;

    int first(int index) const { return index * stride - padding; }

    /// The output indices whose tap `k` lies inside the input.
    Span inside(int k) const {
        const int offset = k * dilation - padding;
        const int begin = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
        const int end = offset >= input ? 0 : (input - 1 - offset) / stride + 1;
        return {std::min(begin, output), std::clamp(end, 0, output)};
    }
};

/// The taps of output index `index` that lie inside the input.
Span taps_inside(const Axis& axis, int index) {
    const int first = axis.first(index);
    const int begin = first >= 0 ? 0 : (-first + axis.dilation - 1) / axis.dilation;
    const int end = first >= axis.input ? 0 : std::min(axis.kernel, (axis.input - 1 - first) / axis.dilation + 1);
    return {begin, std::max(begin, end)};
}

/// body(n, c, rows) for every channel and band of output rows; `rows_read` is about what one of them reads.
template <class Body>
bool for_each_band(const Shape& input, const Shape& output, int rows_read, const Cancel& cancel, const Body& body) {
    const int band = std::clamp(tile_values / std::max(1, static_cast<int>(std::min<std::int64_t>(std::int64_t{input.w} * rows_read, tile_values))), 1, output.h);
    const int bands = (output.h + band - 1) / band;
    return for_each_tile(static_cast<std::ptrdiff_t>(output.n) * output.c * bands, cancel, [&](std::ptrdiff_t tile) {
        const int first = static_cast<int>(tile % bands) * band;
        const auto plane = tile / bands;
        body(static_cast<int>(plane / output.c), static_cast<int>(plane % output.c), Span{first, std::min(first + band, output.h)});
    });
}

/// `count` values that a thread uses again from tile to tile.
template <class Value>
std::span<Value> scratch(std::size_t count) {
    thread_local std::vector<Value> values;
    if (values.size() < count) values.resize(count);
    return std::span(values).first(count);
}

/// to[x] += from[x * stride] for all of `to`.
template <class From>
void add(std::span<double> to, const From* from, int stride) {
    for (std::size_t x = 0; x < to.size(); ++x) to[x] += static_cast<double>(from[x * static_cast<std::size_t>(stride)]);
}

/// Adds up the values under each window of row `y`: first along the columns of the image, a whole row at a time, then along that row.
void add_windows(const float* plane, const Axis& rows, const Axis& columns, int y, std::span<double> row, std::span<double> sums) {
    std::fill(row.begin(), row.end(), 0.0);
    for (int k = 0; k < rows.kernel; ++k) {
        const int from_row = rows.first(y) + k * rows.dilation;
        if (from_row >= 0 && from_row < rows.input) add(row, plane + static_cast<std::ptrdiff_t>(from_row) * columns.input, 1);
    }
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int k = 0; k < columns.kernel; ++k) {
        const Span inside = columns.inside(k);
        if (inside.begin >= inside.end) continue;
        const auto to = sums.subspan(static_cast<std::size_t>(inside.begin), static_cast<std::size_t>(inside.end - inside.begin));
        add(to, row.data() + columns.first(inside.begin) + static_cast<std::ptrdiff_t>(k) * columns.dilation, columns.stride);
    }
}

/// What AvgPool2d divides by along one axis (avg_pool2d in PyTorch's aten/src/ATen/native/cpu/AvgPoolKernel.cpp).
int counted(const Axis& axis, int index, bool include_padding) {
    const int begin = axis.first(index), end = std::min(begin + axis.kernel, axis.input + axis.padding);
    return include_padding ? end - begin : std::min(end, axis.input) - std::max(begin, 0);
}

}  // namespace

bool layer_forward(const MaxPool2d& p, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, p.dilation.h, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, p.dilation.w, input.shape().w, output.shape().w};
    // Windows that lie inside the image altogether; those at its borders are cut, for padding never wins.
    Span whole{0, columns.output};
    const auto is_cut = [&](int x) { return taps_inside(columns, x).end - taps_inside(columns, x).begin < columns.kernel; };
    while (whole.begin < whole.end && is_cut(whole.begin)) ++whole.begin;
    while (whole.begin < whole.end && is_cut(whole.end - 1)) --whole.end;
    return for_each_band(input.shape(), output.shape(), rows.kernel, cancel, [&](int n, int c, Span band) {
        const auto row = scratch<float>(static_cast<std::size_t>(columns.input) + pool_slack);
        const auto sources = scratch<const float*>(static_cast<std::size_t>(std::min(rows.kernel, rows.input)));
        for (int y = band.begin; y < band.end; ++y) {
            const Span taps = taps_inside(rows, y);
            float* const to = &output.at(n, c, y, 0);
            if (taps.begin == taps.end) {
                std::fill_n(to, columns.output, -std::numeric_limits<float>::infinity());
                continue;
            }
            for (int k = taps.begin; k < taps.end; ++k) sources[static_cast<std::size_t>(k - taps.begin)] = &input.at(n, c, rows.first(y) + k * rows.dilation, 0);
            simd.pool.max_rows(sources.data(), taps.end - taps.begin, columns.input, row.data());
            for (int x = 0; x < columns.output; ++x) {
                if (x == whole.begin && whole.begin < whole.end) {
                    simd.pool.max_windows(row.data() + columns.first(x), columns.kernel, columns.stride, columns.dilation, whole.end - whole.begin, to + x);
                    x = whole.end - 1;
                    continue;
                }
                const Span cut = taps_inside(columns, x);
                to[x] = -std::numeric_limits<float>::infinity();
                if (cut.begin < cut.end) simd.pool.max_windows(row.data() + columns.first(x) + std::ptrdiff_t{cut.begin} * columns.dilation, cut.end - cut.begin, 1, columns.dilation, 1, to + x);
            }
        }
    });
}

bool layer_forward(const AvgPool2d& p, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, 1, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, 1, input.shape().w, output.shape().w};
    return for_each_band(input.shape(), output.shape(), rows.kernel, cancel, [&](int n, int c, Span band) {
        const auto all = scratch<double>(static_cast<std::size_t>(columns.input) + static_cast<std::size_t>(columns.output));
        const auto row = all.first(static_cast<std::size_t>(columns.input)), sums = all.subspan(row.size());
        for (int y = band.begin; y < band.end; ++y) {
            add_windows(input.plane(n, c).data(), rows, columns, y, row, sums);
            float* to = &output.at(n, c, y, 0);
            for (int x = 0; x < columns.output; ++x) {
                const double count = p.divisor_override ? static_cast<double>(*p.divisor_override)
                                                        : static_cast<double>(counted(rows, y, p.count_include_pad)) * counted(columns, x, p.count_include_pad);
                to[x] = static_cast<float>(sums[static_cast<std::size_t>(x)] / count);
            }
        }
    });
}

bool layer_forward(const AdaptiveAvgPool2d& /*layer*/, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Shape &in = input.shape(), &out = output.shape();
    const auto bin = [](int index, int from, int to) {
        return Span{static_cast<int>(std::int64_t{index} * from / to), static_cast<int>(((std::int64_t{index} + 1) * from + to - 1) / to)};
    };
    return for_each_band(in, out, in.h / out.h + 1, cancel, [&](int n, int c, Span band) {
        const auto row = scratch<double>(static_cast<std::size_t>(in.w));
        for (int y = band.begin; y < band.end; ++y) {
            const Span rows = bin(y, in.h, out.h);
            std::fill(row.begin(), row.end(), 0.0);
            for (int i = rows.begin; i < rows.end; ++i) {
                const float* from = &input.at(n, c, i, 0);
                for (std::size_t x = 0; x < row.size(); ++x) row[x] += static_cast<double>(from[x]);
            }
            for (int x = 0; x < out.w; ++x) {
                const Span columns = bin(x, in.w, out.w);
                double sum = 0;
                for (int i = columns.begin; i < columns.end; ++i) sum += row[static_cast<std::size_t>(i)];
                output.at(n, c, y, x) = static_cast<float>(sum / (static_cast<double>(rows.end - rows.begin) * (columns.end - columns.begin)));
            }
        }
    });
}

}  // namespace convlens
