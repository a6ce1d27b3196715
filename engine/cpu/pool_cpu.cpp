/// Pooling: first along the columns of the image, a whole row at a time, then along the row that comes out.
#include <algorithm>
#include <limits>
#include <type_traits>
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

struct Largest {
    using Value = float;
    static constexpr float start = -std::numeric_limits<float>::infinity();
    static float join(float a, float b) { return b > a || b != b ? b : a; }
};

struct Sum {
    using Value = double;
    static constexpr double start = 0;
    template <class T>
    static double join(double a, T b) { return a + static_cast<double>(b); }
};

/// Joins from[0], from[stride], from[2 stride], ... to to[0], to[1], ..., which `fresh` takes for unwritten. Compilers turn the loop into
/// vectors where the stride is a constant.
template <class Join, bool fresh, class From, class Stride>
void join_row(typename Join::Value* __restrict to, const From* __restrict from, std::size_t count, Stride stride) {
    for (std::size_t i = 0; i < count; ++i) to[i] = fresh ? static_cast<typename Join::Value>(from[i * stride]) : Join::join(to[i], from[i * stride]);
}

template <std::size_t stride>
using Constant = std::integral_constant<std::size_t, stride>;

template <class Join, bool fresh>
void join_every(typename Join::Value* to, const typename Join::Value* from, std::size_t count, int stride) {
    if (stride == 1) return join_row<Join, fresh>(to, from, count, Constant<1>());
    if (stride == 2) return join_row<Join, fresh>(to, from, count, Constant<2>());
    join_row<Join, fresh>(to, from, count, static_cast<std::size_t>(stride));
}

/// body(n, c, rows, scratch) for every channel and band of output rows; `rows_read` is about what one of them reads.
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

/// Joins the values under each window; finish(y, x, joined) is what is written.
template <class Join, class Finish>
bool pool(const Tensor& input, const Axis& rows, const Axis& columns, const Cancel& cancel, Tensor& output, const Finish& finish) {
    using Value = typename Join::Value;
    const auto width = static_cast<std::size_t>(columns.input);
    return for_each_band(input.shape(), output.shape(), rows.kernel, cancel, [&](int n, int c, Span band) {
        std::vector<Value> row(width), joined(static_cast<std::size_t>(columns.output));
        const float* plane = input.plane(n, c).data();
        for (int y = band.begin; y < band.end; ++y) {
            bool fresh = true;
            for (int k = 0; k < rows.kernel; ++k) {
                const int from_row = rows.first(y) + k * rows.dilation;
                if (from_row < 0 || from_row >= rows.input) continue;
                const float* from = plane + static_cast<std::size_t>(from_row) * width;
                fresh ? join_row<Join, true>(row.data(), from, width, Constant<1>()) : join_row<Join, false>(row.data(), from, width, Constant<1>());
                fresh = false;
            }
            if (fresh) std::fill(row.begin(), row.end(), Join::start);
            const Span first_tap = columns.inside(0);
            fresh = first_tap.begin == 0 && first_tap.end == columns.output;
            if (!fresh) std::fill(joined.begin(), joined.end(), Join::start);
            for (int k = 0; k < columns.kernel; ++k, fresh = false) {
                const Span inside = columns.inside(k);
                if (inside.begin >= inside.end) continue;
                Value* to = joined.data() + inside.begin;
                const Value* from = row.data() + columns.first(inside.begin) + static_cast<std::ptrdiff_t>(k) * columns.dilation;
                const auto count = static_cast<std::size_t>(inside.end - inside.begin);
                fresh ? join_every<Join, true>(to, from, count, columns.stride) : join_every<Join, false>(to, from, count, columns.stride);
            }
            float* to = &output.at(n, c, y, 0);
            for (int x = 0; x < columns.output; ++x) to[x] = finish(y, x, joined[static_cast<std::size_t>(x)]);
        }
    });
}

/// What AvgPool2d divides by along one axis (avg_pool2d in PyTorch's aten/src/ATen/native/cpu/AvgPoolKernel.cpp).
int counted(const Axis& axis, int index, bool include_padding) {
    const int begin = axis.first(index), end = std::min(begin + axis.kernel, axis.input + axis.padding);
    return include_padding ? end - begin : std::min(end, axis.input) - std::max(begin, 0);
}

}  // namespace

bool layer_forward(const MaxPool2d& p, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, p.dilation.h, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, p.dilation.w, input.shape().w, output.shape().w};
    return pool<Largest>(input, rows, columns, cancel, output, [](int, int, float largest) { return largest; });
}

bool layer_forward(const AvgPool2d& p, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Axis rows{p.kernel_size.h, p.stride.h, p.padding.h, 1, input.shape().h, output.shape().h};
    const Axis columns{p.kernel_size.w, p.stride.w, p.padding.w, 1, input.shape().w, output.shape().w};
    return pool<Sum>(input, rows, columns, cancel, output, [&](int y, int x, double sum) {
        const double count = p.divisor_override ? static_cast<double>(*p.divisor_override)
                                                : static_cast<double>(counted(rows, y, p.count_include_pad)) * counted(columns, x, p.count_include_pad);
        return static_cast<float>(sum / count);
    });
}

bool layer_forward(const AdaptiveAvgPool2d& /*layer*/, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Shape &in = input.shape(), &out = output.shape();
    const auto bin = [](int index, int from, int to) {
        return Span{static_cast<int>(std::int64_t{index} * from / to), static_cast<int>(((std::int64_t{index} + 1) * from + to - 1) / to)};
    };
    return for_each_band(in, out, in.h / out.h + 1, cancel, [&](int n, int c, Span band) {
        std::vector<double> row(static_cast<std::size_t>(in.w));
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
