/// Reference convolution: seven nested loops without optimization.
#include "engine/reference/reference.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

namespace convlens::reference {
namespace {

/// One axis of a convolution: the index of the input value by which each kernel value is multiplied, for each output.
struct Taps {
    int outputs = 0;           ///< Number of output values.
    int taps = 0;              ///< Number of kernel values.
    std::vector<int> sources;  ///< [output][tap]: index of the input value; -1 for a padding zero.

    Taps(const ConvParams& p, bool vertical, int size, int kernel) : taps(kernel) {
        const std::int64_t stride = vertical ? p.stride.h : p.stride.w,
                           dilation = vertical ? p.dilation.h : p.dilation.w;
        std::int64_t before = vertical ? p.padding.h : p.padding.w, after = before;
        if (p.same) {  // torch/nn/modules/conv.py: left = total // 2, right = total - left
            const std::int64_t total = dilation * (kernel - 1);
            before = total / 2;
            after = total - before;
        }
        outputs = static_cast<int>((size + before + after - dilation * (kernel - 1) - 1) / stride + 1);
        for (std::int64_t o = 0; o < outputs; ++o)
            for (std::int64_t k = 0; k < kernel; ++k)
                sources.push_back(
                    reference_source(p.padding_mode, static_cast<int>(o * stride + k * dilation - before), size));
    }

    const int* of(int output) const {
        return &sources[static_cast<std::size_t>(output) * static_cast<std::size_t>(taps)];
    }
};

}  // namespace

double Reference::largest() const {
    double most = 0;
    for (const double v : values) most = std::max(most, std::abs(v));
    return most;
}

int reference_source(PaddingMode mode, int i, int size) {
    const auto modulo = [](int a, int b) { return (a % b + b) % b; };
    if (mode == PaddingMode::zeros) return i >= 0 && i < size ? i : -1;
    if (mode == PaddingMode::replicate) return std::min(std::max(i, 0), size - 1);
    if (mode == PaddingMode::circular) return modulo(i, size);
    if (size == 1) return 0;
    const int period = 2 * (size - 1), at = modulo(i, period);  // reflect: 0 1 2 3 2 1 | 0 1 2 3 ...
    return std::min(at, period - at);
}

Reference reference_conv2d(const Conv2d& layer, const Tensor& input) {
    const Shape in = input.shape(), w = layer.weight->shape();
    const Taps rows(layer.params, true, in.h, w.h), columns(layer.params, false, in.w, w.w);
    const int outs_in_group = w.n / layer.params.groups;
    Reference result{{in.n, w.n, rows.outputs, columns.outputs}, {}};
    result.values.reserve(result.shape.count());
    for (int n = 0; n < in.n; ++n)
        for (int o = 0; o < w.n; ++o)
            for (int y = 0; y < rows.outputs; ++y)
                for (int x = 0; x < columns.outputs; ++x) {
                    double sum = layer.bias ? (*layer.bias)[static_cast<std::size_t>(o)] : 0.0F;
                    const int *const from_rows = rows.of(y), *const from_columns = columns.of(x);
                    for (int c = 0; c < w.c; ++c) {
                        const float* plane = input.plane(n, o / outs_in_group * w.c + c).data();
                        const float* kernel = layer.weight->plane(o, c).data();
                        for (int i = 0; i < w.h; ++i)
                            for (int j = 0; j < w.w; ++j) {
                                if (from_rows[i] < 0 || from_columns[j] < 0) continue;
                                const int ki = layer.params.flip ? w.h - 1 - i : i,
                                          kj = layer.params.flip ? w.w - 1 - j : j;
                                sum += static_cast<double>(kernel[ki * w.w + kj]) *
                                       static_cast<double>(plane[from_rows[i] * in.w + from_columns[j]]);
                            }
                    }
                    result.values.push_back(sum);
                }
    return result;
}

double relative_error(std::span<const float> values, const Reference& reference) {
    if (values.size() != reference.values.size()) return std::numeric_limits<double>::infinity();
    const double unit = std::max(reference.largest(), std::numeric_limits<double>::min());
    double worst = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double error = std::abs(static_cast<double>(values[i]) - reference.values[i]) / unit;
        if (!(error <= worst)) worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
    }
    return worst;
}

}  // namespace convlens::reference
