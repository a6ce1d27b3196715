/// Pooling layers. For each output row, the input rows under the window are first combined value by value to one row;
/// then each window along that row is reduced to one value.
#include <algorithm>
#include <limits>
#include <span>
#include <vector>

#include "engine/core/thread_value.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

/// Approximate number of values read per tile, or between two checks for cancellation.
constexpr std::int64_t tile_values = 1 << 16;

/// The indices begin <= i < end.
struct Span {
    int begin = 0;
    int end = 0;
};

/// One axis of a sliding window.
struct Axis {
    int kernel, stride, padding, dilation, input, output;

    int first(int index) const { return index * stride - padding; }

    /// Returns the range of window positions k of output `index` that are inside the input.
    Span inside(int index) const {
        const int from = first(index);
        const int begin = from >= 0 ? 0 : (-from + dilation - 1) / dilation;
        const int end = from >= input ? 0 : std::min(kernel, (input - 1 - from) / dilation + 1);
        return {begin, std::max(begin, end)};
    }

    /// Returns the output indices whose windows are entirely inside the input.
    Span whole() const {
        const auto is_cut = [&](int index) { return inside(index).end - inside(index).begin < kernel; };
        Span all{0, output};
        while (all.begin < all.end && is_cut(all.begin)) ++all.begin;
        while (all.begin < all.end && is_cut(all.end - 1)) --all.end;
        return all;
    }
};

/// Returns the input rows under the window of output row `y`, without padding. `plane` is the input channel, `width`
/// its width. The result is valid until the next call in the same thread.
std::span<const float* const> rows_under(const Axis& rows, int y, const float* plane, int width) {
    struct Rows;
    auto& found = thread_value<std::vector<const float*>, Rows>();
    found.clear();
    const Span taps = rows.inside(y);
    for (int k = taps.begin; k < taps.end; ++k)
        found.push_back(plane +
                        (static_cast<std::ptrdiff_t>(rows.first(y)) + std::ptrdiff_t{k} * rows.dilation) * width);
    return found;
}

/// Calls on_whole(begin, count) for the windows of a row that are inside the input, and on_cut(x) for each window that
/// extends past its borders.
template <class OnWhole, class OnCut>
void for_each_window(Span whole, int count, const OnWhole& on_whole, const OnCut& on_cut) {
    for (int x = 0; x < whole.begin; ++x) on_cut(x);
    if (whole.begin < whole.end) on_whole(whole.begin, whole.end - whole.begin);
    for (int x = whole.end; x < count; ++x) on_cut(x);
}

/// Calls body(n, c, rows) on several threads for every batch item, channel and range of output rows. `row_work` is the
/// approximate number of values that are read for one output row. Returns false when canceled.
template <class Body>
bool for_each_band(const Shape& output, std::int64_t row_work, const Cancel& cancel, const Body& body) {
    const int band =
        static_cast<int>(std::clamp<std::int64_t>(tile_values / std::max<std::int64_t>(1, row_work), 1, output.h));
    const int bands = (output.h + band - 1) / band;
    return for_each_tile(static_cast<std::ptrdiff_t>(output.n) * output.c * bands, cancel, [&](std::ptrdiff_t tile) {
        const int first = static_cast<int>(tile % bands) * band;
        const auto plane = tile / bands;
        return body(static_cast<int>(plane / output.c), static_cast<int>(plane % output.c),
                    Span{first, std::min(first + band, output.h)});
    });
}

/// Returns the number of values that are read for one output row: first whole input rows, then the window of each
/// output value in the resulting row.
std::int64_t row_work(const Axis& rows, const Axis& columns) {
    return std::int64_t{columns.input} * std::min(rows.kernel, rows.input) +
           std::int64_t{columns.output} * std::min(columns.kernel, columns.input);
}

/// Sets each of sums[0 .. width) to the sum of that column of the rows. Returns false when canceled.
bool add_up(std::span<const float* const> rows, int width, const Simd& simd, const Cancel& cancel,
            std::span<double> sums) {
    std::fill_n(sums.begin(), width, 0.0);
    const auto step = static_cast<std::size_t>(std::max<std::int64_t>(1, tile_values / width));
    for (std::size_t i = 0; i < rows.size(); i += step) {
        if (cancel.requested()) return false;
        const auto some = rows.subspan(i, std::min(step, rows.size() - i));
        simd.pool.add_rows(some.data(), static_cast<int>(some.size()), width, sums.data());
    }
    return true;
}

/// Returns the number of values of a window along one axis that AvgPool2d counts for its divisor, like PyTorch's
/// aten/src/ATen/native/cpu/AvgPoolKernel.cpp.
int counted(const Axis& axis, int index, bool include_padding) {
    const int begin = axis.first(index), end = std::min(begin + axis.kernel, axis.input + axis.padding);
    return include_padding ? end - begin : std::min(end, axis.input) - std::max(begin, 0);
}

}  // namespace

bool run_on_cpu(const MaxPool2d& p, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, p.dilation.h, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, p.dilation.w, input.shape().w, output.shape().w};
    const Span whole = columns.whole();  // padding is never the maximum, so windows at the borders are clipped
    // If windows do not overlap, combining whole rows first saves nothing: each value is read once from the input.
    const bool apart = columns.kernel == columns.stride && columns.stride <= 2 && columns.dilation == 1;
    return for_each_band(output.shape(), row_work(rows, columns), cancel, [&](int n, int c, Span band) {
        const auto row = scratch<float>(static_cast<std::size_t>(columns.input) + pool_slack);
        for (int y = band.begin; y < band.end; ++y) {
            float* const to = &output.at(n, c, y, 0);
            auto under = rows_under(rows, y, input.plane(n, c).data(), columns.input);
            if (under.empty()) {
                std::fill_n(to, columns.output, -std::numeric_limits<float>::infinity());
                continue;
            }
            const float* const reduced = row.data();
            if (!apart) {
                simd.pool.max_rows(under.data(), static_cast<int>(under.size()), columns.input, row.data());
                under = {&reduced, 1};
            }
            const auto largest = [&](std::ptrdiff_t first, int kernel, int stride, int width, float* at) {
                simd.pool.max_windows(under.data(), static_cast<int>(under.size()), first, kernel, stride,
                                      columns.dilation, width, at);
            };
            for_each_window(
                whole, columns.output,
                [&](int x, int count) { largest(columns.first(x), columns.kernel, columns.stride, count, to + x); },
                [&](int x) {
                    const Span cut = columns.inside(x);
                    to[x] = -std::numeric_limits<float>::infinity();
                    if (cut.begin < cut.end)
                        largest(columns.first(x) + std::ptrdiff_t{cut.begin} * columns.dilation, cut.end - cut.begin, 1,
                                1, to + x);
                });
        }
    });
}

bool run_on_cpu(const AvgPool2d& p, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, 1, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, 1, input.shape().w, output.shape().w};
    const Span whole = columns.whole();
    return for_each_band(output.shape(), row_work(rows, columns), cancel, [&](int n, int c, Span band) {
        const auto row = scratch<double>(static_cast<std::size_t>(columns.input) + pool_slack);
        for (int y = band.begin; y < band.end; ++y) {
            const auto under = rows_under(rows, y, input.plane(n, c).data(), columns.input);
            if (!add_up(under, columns.input, simd, cancel, row)) return false;
            float* const to = &output.at(n, c, y, 0);
            const auto mean = [&](int x, int count) {
                const Span taps = columns.inside(x);
                const double divisor = p.divisor_override ? static_cast<double>(*p.divisor_override)
                                                          : static_cast<double>(counted(rows, y, p.count_include_pad)) *
                                                                counted(columns, x, p.count_include_pad);
                simd.pool.mean_windows(row.data() + columns.first(x) + taps.begin, taps.end - taps.begin,
                                       columns.stride, divisor, count, to + x);
            };
            for_each_window(whole, columns.output, mean, [&](int x) { mean(x, 1); });
        }
        return true;
    });
}

bool run_on_cpu(const AdaptiveAvgPool2d& /*layer*/, const Simd& simd, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape &in = input.shape(), &out = output.shape();
    const auto bin = [](int index, int from, int to) {
        return Span{static_cast<int>(std::int64_t{index} * from / to),
                    static_cast<int>(((std::int64_t{index} + 1) * from + to - 1) / to)};
    };
    return for_each_band(out, std::int64_t{in.w} * (in.h / out.h + 2), cancel, [&](int n, int c, Span band) {
        const auto row = scratch<double>(static_cast<std::size_t>(in.w));
        for (int y = band.begin; y < band.end; ++y) {
            const Span taps = bin(y, in.h, out.h);
            const Axis rows{taps.end - taps.begin, 1, 0, 1, in.h, in.h};
            const auto under = rows_under(rows, taps.begin, input.plane(n, c).data(), in.w);
            if (!add_up(under, in.w, simd, cancel, row)) return false;
            for (int x = 0; x < out.w; ++x) {
                const Span columns = bin(x, in.w, out.w);
                const double divisor = static_cast<double>(taps.end - taps.begin) * (columns.end - columns.begin);
                simd.pool.mean_windows(row.data() + columns.begin, columns.end - columns.begin, 1, divisor, 1,
                                       &output.at(n, c, y, x));
            }
        }
        return true;
    });
}

}  // namespace convlens
