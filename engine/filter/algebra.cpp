/// The algebra of convolutions.
#include "engine/filter/algebra.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <random>

#include "engine/cpu/conv2d_cpu.h"
#include "engine/filter/filter_bank.h"
#include "engine/filter/svd.h"

namespace convlens {
namespace {

Conv2d plain(const Tensor& weight) {
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(weight.clone());
    return conv;
}

/// Returns the output of a layer that can run on the input; nullopt if canceled.
std::optional<Tensor> output_of(const Conv2d& conv, const Tensor& input, const Simd& simd, const Cancel& cancel) {
    Tensor output(output_shape(conv, input.shape()).value());
    if (!conv2d_forward(conv, input, simd, cancel, output)) return std::nullopt;
    return output;
}

}  // namespace

Tensor composed_kernels(const Tensor& first, const Tensor& second) {
    const Shape &a = first.shape(), &b = second.shape();
    assert(b.c == a.n);
    Tensor made({b.n, a.c, a.h + b.h - 1, a.w + b.w - 1});
    for (int o = 0; o < b.n; ++o)
        for (int c = 0; c < a.c; ++c)
            for (int y = 0; y < made.shape().h; ++y)
                for (int x = 0; x < made.shape().w; ++x) {
                    double sum = 0;
                    for (int m = 0; m < a.n; ++m)
                        for (int i = std::max(0, y - a.h + 1); i < std::min(b.h, y + 1); ++i)
                            for (int j = std::max(0, x - a.w + 1); j < std::min(b.w, x + 1); ++j)
                                sum += static_cast<double>(second.at(o, m, i, j)) *
                                       static_cast<double>(first.at(m, c, y - i, x - j));
                    made.at(o, c, y, x) = static_cast<float>(sum);
                }
    return made;
}

Expected<Conv2d> adjoint(const Conv2d& conv) {
    const Shape& s = conv.weight->shape();
    const Padding pad = resolve_padding(conv.params, conv.kernel_size());
    const Size2 span{conv.params.dilation.h * (s.h - 1), conv.params.dilation.w * (s.w - 1)};
    if (conv.params.stride != Size2{1, 1} || conv.params.groups != 1 || conv.params.padding_mode != PaddingMode::zeros)
        return fail("the adjoint is a convolution for stride 1, groups 1 and padding_mode zeros only");
    if (pad.top != pad.bottom || pad.left != pad.right || pad.top > span.h || pad.left > span.w)
        return fail("the adjoint needs equal padding on both sides of at most {}x{}, found {}x{}", span.h, span.w,
                    pad.top, pad.left);
    Tensor weight({s.c, s.n, s.h, s.w});
    for (int o = 0; o < s.n; ++o)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x)
                    weight.at(c, o, y, x) = conv.params.flip ? conv.weight->at(o, c, y, x)
                                                             : conv.weight->at(o, c, s.h - 1 - y, s.w - 1 - x);
    Conv2d made;
    made.params.dilation = conv.params.dilation;
    made.params.padding = {span.h - pad.top, span.w - pad.left};
    made.weight = std::make_shared<const Tensor>(std::move(weight));
    return made;
}

DepthwiseFit depthwise_fit(const Tensor& weight) {
    const Shape& s = weight.shape();
    const int plane = s.h * s.w;
    double all = 0, kept = 0;
    for (int c = 0; c < s.c; ++c) {
        std::vector<double> matrix;  // with fewer columns than rows, so that it takes less time
        const int rows = std::max(s.n, plane), columns = std::min(s.n, plane);
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < columns; ++j) {
                const auto v = static_cast<double>(
                    weight.plane(s.n >= plane ? i : j, c)[static_cast<std::size_t>(s.n >= plane ? j : i)]);
                matrix.push_back(v);
                all += v * v;
            }
        const double largest = svd(matrix, rows, columns).s.front();
        kept += largest * largest;
    }
    const double in = s.c, out = s.n;
    return {all > 0 ? std::sqrt(std::max(0.0, 1 - kept / all)) : 0, in * plane + in * out, in * out * plane};
}

double scalar_product(const Tensor& a, const Tensor& b) {
    assert(a.size() == b.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a.data()[i]) * static_cast<double>(b.data()[i]);
    return sum;
}

double relative_difference(const Tensor& a, const Tensor& b) {
    assert(a.size() == b.size());
    double difference = 0, largest = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const auto x = static_cast<double>(a.data()[i]), y = static_cast<double>(b.data()[i]);
        difference = std::max(difference, std::abs(x - y));
        largest = std::max(largest, std::abs(x));
    }
    return difference == 0 ? 0 : difference / std::max(largest, 1e-300);
}

std::optional<Expected<AlgebraNumbers>> algebra_numbers(const Tensor& kernel, const Tensor& second, const Tensor& input,
                                                        const Simd& simd, const Cancel& cancel) {
    const Shape &a = kernel.shape(), &b = second.shape(), &s = input.shape();
    if (s.h < std::max(a.h + b.h - 1, 2 * a.h - 1) || s.w < std::max(a.w + b.w - 1, 2 * a.w - 1))
        return fail("an input of {}x{} is too small for kernels of {}x{} and {}x{} in a row", s.h, s.w, a.h, a.w, b.h,
                    b.w);
    AlgebraNumbers n;
    const Conv2d first = plain(kernel), next = plain(second);
    n.composed = composed_kernels(kernel, second);
    auto middle = output_of(first, input, simd, cancel);
    if (!middle) return std::nullopt;
    auto in_a_row = output_of(next, *middle, simd, cancel);
    auto at_once = output_of(plain(n.composed), input, simd, cancel);
    Tensor positive = middle->clone();
    for (float& v : positive.values()) v = std::max(v, 0.0F);
    auto rectified = output_of(next, positive, simd, cancel);
    Conv2d turned = first;
    turned.params.flip = true;
    const auto convolved = output_of(turned, input, simd, cancel);
    Conv2d wide = first;
    wide.params.dilation = {2, 2};
    const auto dilated = output_of(wide, input, simd, cancel),
               with_zeros = output_of(plain(*applied_kernels(wide)), input, simd, cancel);
    Tensor noise(middle->shape());
    std::mt19937 random(1);
    for (float& v : noise.values()) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    const auto back = output_of(adjoint(first).value(), noise, simd, cancel);
    if (!in_a_row || !at_once || !rectified || !convolved || !dilated || !with_zeros || !back) return std::nullopt;
    n.composition = relative_difference(*in_a_row, *at_once);
    n.relu = relative_difference(*in_a_row, *rectified);
    n.forward = scalar_product(*middle, noise);
    n.backward = scalar_product(input, *back);
    n.rotation = relative_difference(*middle, *convolved);
    n.dilation = relative_difference(*dilated, *with_zeros);
    n.macs_in_a_row = static_cast<long long>(kernel.size() + second.size());
    n.macs_at_once = static_cast<long long>(n.composed.size());
    n.in_a_row = std::move(*in_a_row);
    n.at_once = std::move(*at_once);
    n.rectified = std::move(*rectified);
    return n;
}

}  // namespace convlens
