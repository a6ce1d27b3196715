/// Kernel editing: rotating, scaling, filling from formulas, conversion from and to text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// The weights of one kernel for one input channel: size.h * size.w values, row by row.
struct KernelPlane {
    Size2 size{1, 1};
    std::vector<float> values{0.0F};
    friend bool operator==(const KernelPlane&, const KernelPlane&) = default;
};

enum class KernelChange {
    rotate,     ///< Rotate by 90 degrees counterclockwise; rows become columns.
    mirror_x,   ///< Swap left and right.
    mirror_y,   ///< Swap top and bottom.
    transpose,  ///< Rows become columns.
    negate,
    sum_one,    ///< Scale all planes together to a sum of 1: flat gray keeps its value.
    sum_zero,   ///< Subtract each plane's mean: flat colors give 0.
    unit_norm,  ///< Scale all planes together to a sum of squares of 1.
};

/// Returns all planes of one kernel after the change. Fails if no scale factor exists: a sum or a norm of 0 can't
/// become 1.
Expected<std::vector<KernelPlane>> changed(std::span<const KernelPlane> planes, KernelChange change);

/// Returns a plane of size `size` with `plane` at its center, cropped or padded with zeros.
KernelPlane resized(const KernelPlane& plane, Size2 size);

/// Returns `planes` multiplied by `factor`.
std::vector<KernelPlane> scaled(std::span<const KernelPlane> planes, double factor);

/// Returns exp(-r^2 / (2 sigma^2)) scaled to a sum of 1, where r is the distance from the plane's center in pixels.
/// sigma > 0.
KernelPlane gaussian_plane(Size2 size, double sigma);

/// Returns the derivative of the Gaussian of gaussian_plane() along `angle` (degrees, counterclockwise from the x axis,
/// y upward). It is positive on that side of the center, so the response to an edge that gets brighter along `angle` is
/// positive. The magnitudes add up to 2, so that the response to a step from 0 to 1 is at most 1.
KernelPlane gaussian_derivative_plane(Size2 size, double sigma, double angle);

/// Returns a Gabor filter, exp(-r^2 / (2 sigma^2)) cos(2 pi u / wavelength) with u along `angle`, minus its mean. The
/// magnitudes add up to 2. (J. Daugman 1985.)
KernelPlane gabor_plane(Size2 size, double sigma, double angle, double wavelength);

/// Formats one plane as a Python list of rows, several planes as a list of planes. planes_from_text() of the result is
/// bit-identical to `planes`.
std::string to_text(std::span<const KernelPlane> planes);

/// Largest height and width of a kernel that can be edited.
inline constexpr int max_edited_kernel = 15;

/// Parses one or more planes of one size from text: Python lists of two or three levels (also inside array(...) or
/// tensor(...)), MATLAB matrices [1 2; 3 4], or lines of numbers. 1/9 is a number, and a matrix may be multiplied or
/// divided by a number: 1/9*[...], np.array(...) / 16, -[...]. Fails for rows of unequal length, for values that are
/// not finite numbers, and for sizes over max_edited_kernel.
Expected<std::vector<KernelPlane>> planes_from_text(std::string_view text);

/// Returns the planes of kernel `index` of `weight` (C_out, C_in, KH, KW), one per input channel.
std::vector<KernelPlane> kernel_planes(const Tensor& weight, int index);

/// Returns `weight` with kernel `index` replaced by `planes`: C_in planes of the size of the kernels.
Tensor with_kernel(const Tensor& weight, int index, std::span<const KernelPlane> planes);

/// Returns `weight` with every kernel plane replaced by resized(plane, size).
Tensor with_kernel_size(const Tensor& weight, Size2 size);

/// Returns the kernels whose indices `keep` lists, in that order; an index may be listed twice.
Tensor with_kernels(const Tensor& weight, std::span<const int> keep);

}  // namespace convlens
