/// Layers that move values, and layers that combine values of different positions other than convolution and pooling.
#include <algorithm>
#include <limits>
#include <vector>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Calls body(n, c) on several threads for every plane of the output. Returns false when canceled.
template <class Body>
bool for_each_plane(const Shape& output, const Cancel& cancel, const Body& body) {
    return for_each_tile(static_cast<std::ptrdiff_t>(output.n) * output.c, cancel, [&](std::ptrdiff_t tile) {
        body(static_cast<int>(tile / output.c), static_cast<int>(tile % output.c));
    });
}

/// Fills the output with values of the same channel of the input: those in rows[y] and columns[x], and 0 where one of
/// these is -1.
bool gather(const std::vector<int>& rows, const std::vector<int>& columns, const Tensor& input, const Cancel& cancel,
            Tensor& output) {
    const Shape &in = input.shape(), &out = output.shape();
    return for_each_plane(out, cancel, [&](int n, int c) {
        const float* from = input.plane(n, c).data();
        float* to = output.plane(n, c).data();
        for (int y = 0; y < out.h; ++y, to += out.w) {
            const int row = rows[to_size(y)];
            if (row < 0) {
                std::fill_n(to, out.w, 0.0F);
                continue;
            }
            const float* values = from + static_cast<std::ptrdiff_t>(row) * in.w;
            for (int x = 0; x < out.w; ++x) to[x] = columns[to_size(x)] < 0 ? 0.0F : values[columns[to_size(x)]];
        }
    });
}

template <PaddingMode mode>
bool pad(const Pad2d<mode>& layer, const Tensor& input, const Cancel& cancel, Tensor& output) {
    std::vector<int> rows, columns;
    for (int y = 0; y < output.shape().h; ++y) rows.push_back(padded_source(mode, y - layer.top, input.shape().h));
    for (int x = 0; x < output.shape().w; ++x) columns.push_back(padded_source(mode, x - layer.left, input.shape().w));
    return gather(rows, columns, input, cancel, output);
}

/// First and last input index of output index i of `bins`, behind the last.
struct Bin {
    int begin = 0, end = 0;
};
std::vector<Bin> bins_of(int size, int bins) {
    std::vector<Bin> all;
    for (std::int64_t i = 0; i < bins; ++i)
        all.push_back({static_cast<int>(i * size / bins), static_cast<int>(((i + 1) * size + bins - 1) / bins)});
    return all;
}

/// Adds, along one row, value[u] * weight to to[u * stride + first] for all u for which that is in [0, width).
void scatter_row(const float* values, int size, float weight, int first, int stride, float* to, int width) {
    const int begin = first >= 0 ? 0 : (-first + stride - 1) / stride;
    const int end = first >= width ? 0 : std::min(size, (width - 1 - first) / stride + 1);
    for (int u = begin; u < end; ++u) to[u * stride + first] += values[u] * weight;
}

}  // namespace

bool run_on_cpu(const ZeroPad2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return pad(layer, input, cancel, output);
}
bool run_on_cpu(const ReflectionPad2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return pad(layer, input, cancel, output);
}
bool run_on_cpu(const ReplicationPad2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    return pad(layer, input, cancel, output);
}

bool run_on_cpu(const Upsample& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape &in = input.shape(), &out = output.shape();
    std::vector<UpsampleSource> rows, columns;
    for (int y = 0; y < out.h; ++y) rows.push_back(upsample_source(layer, y, in.h, layer.scale_factor.h));
    for (int x = 0; x < out.w; ++x) columns.push_back(upsample_source(layer, x, in.w, layer.scale_factor.w));
    if (layer.mode == UpsampleMode::nearest) {
        std::vector<int> row_numbers, column_numbers;
        for (const UpsampleSource& s : rows) row_numbers.push_back(s.first);
        for (const UpsampleSource& s : columns) column_numbers.push_back(s.first);
        return gather(row_numbers, column_numbers, input, cancel, output);
    }
    return for_each_plane(out, cancel, [&](int n, int c) {
        const float* from = input.plane(n, c).data();
        float* to = output.plane(n, c).data();
        for (const UpsampleSource& row : rows) {
            const float *upper = from + static_cast<std::ptrdiff_t>(row.first) * in.w,
                        *lower = from + static_cast<std::ptrdiff_t>(row.second) * in.w;
            const auto down = static_cast<float>(row.part);
            for (const UpsampleSource& column : columns) {
                const auto right = static_cast<float>(column.part);
                *to++ = (upper[column.first] * (1 - right) + upper[column.second] * right) * (1 - down) +
                        (lower[column.first] * (1 - right) + lower[column.second] * right) * down;
            }
        }
    });
}

bool run_on_cpu(const PixelShuffle& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const int r = layer.upscale_factor;
    const Shape& out = output.shape();
    return for_each_plane(out, cancel, [&](int n, int c) {
        float* to = output.plane(n, c).data();
        for (int y = 0; y < out.h; ++y, to += out.w)
            for (int phase = 0; phase < r; ++phase) {
                const float* from = &input.at(n, (c * r + y % r) * r + phase, y / r, 0);
                for (int x = phase; x < out.w; x += r) to[x] = *from++;
            }
    });
}

bool run_on_cpu(const AdaptiveMaxPool2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape& in = input.shape();
    const auto rows = bins_of(in.h, layer.output_size.h), columns = bins_of(in.w, layer.output_size.w);
    return for_each_plane(output.shape(), cancel, [&](int n, int c) {
        const float* from = input.plane(n, c).data();
        float* to = output.plane(n, c).data();
        for (const Bin& row : rows)
            for (const Bin& column : columns) {
                float largest = -std::numeric_limits<float>::infinity();
                for (int y = row.begin; y < row.end; ++y)
                    for (int x = column.begin; x < column.end; ++x) {
                        const float value = from[static_cast<std::ptrdiff_t>(y) * in.w + x];
                        if (value > largest || value != value) largest = value;
                    }
                *to++ = largest;
            }
    });
}

/// Every output plane adds the products of the input planes in the order of the channels and of the kernel's values, so
/// the results do not depend on the number of threads.
bool run_on_cpu(const ConvTranspose2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const ConvTranspose2dSpec& s = layer.spec;
    const Shape &in = input.shape(), &out = output.shape();
    const int in_group = s.in_channels / s.groups, out_group = s.out_channels / s.groups;
    return for_each_plane(out, cancel, [&](int n, int o) {
        const auto plane = output.plane(n, o);
        std::fill(plane.begin(), plane.end(), layer.bias ? (*layer.bias)[to_size(o)] : 0.0F);
        for (int c = o / out_group * in_group; c < (o / out_group + 1) * in_group; ++c) {
            const float* from = input.plane(n, c).data();
            for (int i = 0; i < s.kernel_size.h; ++i)
                for (int v = 0; v < in.h; ++v) {
                    const int y = v * s.stride.h - s.padding.h + i * s.dilation.h;
                    if (y < 0 || y >= out.h) continue;
                    for (int j = 0; j < s.kernel_size.w; ++j)
                        scatter_row(from + static_cast<std::ptrdiff_t>(v) * in.w, in.w,
                                    layer.weight->at(c, o % out_group, i, j), j * s.dilation.w - s.padding.w,
                                    s.stride.w, plane.data() + static_cast<std::ptrdiff_t>(y) * out.w, out.w);
                }
        }
    });
}

}  // namespace convlens
