/// Changing kernels by hand: turning, scaling, filling from formulas, reading and writing them as text.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// What one kernel does to one input channel, size.h * size.w values row by row.
struct KernelPlane {
    Size2 size{1, 1};
    std::vector<float> values{0.0F};
    friend bool operator==(const KernelPlane&, const KernelPlane&) = default;
};

enum class KernelChange {
    rotate,     ///< By 90 degrees counter-clockwise; rows become columns.
    mirror_x,   ///< Left becomes right.
    mirror_y,   ///< Top becomes bottom.
    transpose,  ///< Rows become columns.
    negate,
    sum_one,    ///< All planes together scaled to a sum of 1: flat gray keeps its value.
    sum_zero,   ///< Each plane's mean is taken away: flat colors give 0.
    unit_norm,  ///< All planes together scaled to a sum of squares of 1.
};

/// All planes of one kernel after the change; fails where the scale does not exist: a sum of 0 can't be made 1, nor can
/// a norm of 0.
Expected<std::vector<KernelPlane>> changed(std::span<const KernelPlane> planes, KernelChange change);

/// The same plane in the middle of another size: cut, or with zeros round it.
KernelPlane resized(const KernelPlane& plane, Size2 size);

/// `planes` times `factor`.
std::vector<KernelPlane> scaled(std::span<const KernelPlane> planes, double factor);

/// exp(-r^2 / (2 sigma^2)) with a sum of 1; r from the plane's middle, in pixels. sigma > 0.
KernelPlane gaussian_plane(Size2 size, double sigma);

/// The derivative of that Gaussian along `angle` (degrees, counter-clockwise from the x axis, y upwards), rising in
/// that direction; magnitudes add up to 2, so that a full step gives 1 at most.
KernelPlane gaussian_derivative_plane(Size2 size, double sigma, double angle);

/// A Gabor filter, exp(-r^2 / (2 sigma^2)) cos(2 pi u / wavelength), u along `angle`; its mean is taken away and
/// magnitudes add up to 2. (J. Daugman 1985.)
KernelPlane gabor_plane(Size2 size, double sigma, double angle, double wavelength);

/// One plane as a Python list of rows, several as a list of planes. Reading it back gives the same bits.
std::string to_text(std::span<const KernelPlane> planes);

/// Kernels larger than this either way can't be edited.
inline constexpr int max_edited_kernel = 15;

/// One or more planes of one size out of text: Python lists of two or three levels (also inside array(...) or
/// tensor(...)), MATLAB matrices [1 2; 3 4], or lines of numbers; 1/9 is a number, and a matrix may be multiplied with
/// or divided by one: 1/9*[...], np.array(...) / 16, -[...]. Fails in a sentence for rows of unequal length, values
/// that are no finite numbers, and sizes over max_edited_kernel.
Expected<std::vector<KernelPlane>> planes_from_text(std::string_view text);

/// The planes of kernel `index` of `weight` (C_out, C_in, KH, KW), one an input channel.
std::vector<KernelPlane> kernel_planes(const Tensor& weight, int index);

/// `weight` with kernel `index` replaced by `planes`, C_in of its own size.
Tensor with_kernel(const Tensor& weight, int index, std::span<const KernelPlane> planes);

/// All kernels in the middle of another size, as resized() does it.
Tensor with_kernel_size(const Tensor& weight, Size2 size);

/// The kernels for which `keep` lists an index, in that order; an index may be listed twice.
Tensor with_kernels(const Tensor& weight, std::span<const int> keep);

}  // namespace convlens
