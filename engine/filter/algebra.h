/// The algebra of convolutions: composition, adjoint, rotation and dilation of kernels, and numbers that show what
/// holds and what a ReLU breaks.
#pragma once

#include <optional>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

struct Simd;

/// Returns the kernels of the convolution that does what `first` and then `second` do, both with stride 1 and without
/// padding: (C2, C0, H1 + H2 - 1, W1 + W2 - 1) for first (C1, C0, H1, W1) and second (C2, C1, H2, W2). They are the
/// sums over C1 of the full convolutions of both: composed[s] = sum over q + r = s of second[q] first[r].
Tensor composed_kernels(const Tensor& first, const Tensor& second);

/// Returns the adjoint of a convolution A with stride 1, groups 1 and padding of zeros: the convolution A' with <A x,
/// y> = <x, A' y> for all x and y, which torch.nn.ConvTranspose2d computes, too. Its kernels are rotated by 180
/// degrees, its input channels are the output channels of A, and its padding is dilation (K - 1) - padding. It has no
/// bias. Fails for other convolutions, and if the padding is larger than dilation (K - 1).
Expected<Conv2d> adjoint(const Conv2d& conv);

/// Returns the scalar product of two tensors with equally many values, in double precision.
double scalar_product(const Tensor& a, const Tensor& b);

/// Returns the largest |a - b|, divided by the largest |a|; 0 if all of `a` and `b` are zero.
double relative_difference(const Tensor& a, const Tensor& b);

/// The kernels of a layer as a depthwise convolution, one kernel per input channel, and a pointwise one, 1x1, after it.
struct DepthwiseFit {
    /// Norm of the difference between the kernels and those that come closest, divided by the norm of the kernels:
    /// 0..1.
    double error = 0;
    double macs = 0,
           full_macs = 0;  ///< Multiply-adds per output position: C_in KH KW + C_in C_out, and C_in C_out KH KW.
};

/// Returns the closest pair for `weight` (C_out, C_in, KH, KW): for each input channel, the first singular vectors of
/// the matrix C_out x KH KW of its weights.
DepthwiseFit depthwise_fit(const Tensor& weight);

/// What the algebra says about one kernel, in numbers.
struct AlgebraNumbers {
    Tensor composed;           ///< The kernel that does what both kernels do in a row, (1, C, H, W).
    Tensor in_a_row, at_once;  ///< The output of both kernels, and of `composed`.
    Tensor rectified;          ///< The output of both with a ReLU in between.
    double composition = 0;    ///< relative_difference(in_a_row, at_once): rounding errors.
    double relu = 0;           ///< relative_difference(in_a_row, rectified).
    double forward = 0;        ///< <A x, y> for the kernel A, the input x and noise y.
    double backward = 0;       ///< <x, A' y>
    double rotation = 0;       ///< Relative difference between correlation and convolution with the first kernel.
    double dilation = 0;  ///< The same between the kernel with dilation 2 and with zeros put in: no rounding errors.
    long long macs_in_a_row = 0, macs_at_once = 0;  ///< Multiply-adds per output value.
};

/// Computes the numbers for a kernel (1, C, H, W) and a second kernel (1, 1, H2, W2) on `input` (1, C, H, W). Returns
/// nullopt if canceled. Fails if the input is smaller than both kernels together, or than the dilated kernel.
std::optional<Expected<AlgebraNumbers>> algebra_numbers(const Tensor& kernel, const Tensor& second, const Tensor& input,
                                                        const Simd& simd, const Cancel& cancel);

}  // namespace convlens
