/// Editing of kernels: rotating, scaling, filling by formulas, conversion from and to text.
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

/// A change of all planes of one kernel.
enum class KernelChange {
    rotate,     ///< Rotate each plane by 90 degrees counterclockwise.
    mirror_x,   ///< Swap left and right.
    mirror_y,   ///< Swap top and bottom.
    transpose,  ///< Swap rows and columns.
    negate,     ///< Change the sign of all values.
    sum_one,    ///< Multiply all planes by one factor, so that all values add up to 1. Uniform gray areas of an image
                ///< then keep their value.
    sum_zero,   ///< Subtract each plane's mean. Areas of an image with a uniform color then give 0.
    unit_norm,  ///< Multiply all planes by one factor, so that the squares of all values add up to 1.
};

/// Returns all planes of one kernel after the change. Fails for KernelChange::sum_one if the values add up to 0 (up to
/// rounding), and for KernelChange::unit_norm if all values are 0.
Expected<std::vector<KernelPlane>> changed(std::span<const KernelPlane> planes, KernelChange change);

/// Returns a plane of size `size` with the same center as `plane`: `plane` is cropped or padded with zeros on each
/// side.
KernelPlane resized(const KernelPlane& plane, Size2 size);

/// Returns the planes with all values multiplied by `factor`.
std::vector<KernelPlane> scaled(std::span<const KernelPlane> planes, double factor);

/// Returns a Gaussian, exp(-r^2 / (2 sigma^2)) scaled to a sum of 1, where r is the distance from the plane's center.
/// `sigma` is in pixels; values below 0.05 count as 0.05.
KernelPlane gaussian_plane(Size2 size, double sigma);

/// Returns the derivative of a Gaussian along the direction `angle` (degrees, counterclockwise from right), with the
/// sign with which an image that gets brighter in this direction gives a positive response. The magnitudes add up to 2,
/// so the response to a step from 0 to 1 is at most 1. `sigma` is as for gaussian_plane().
KernelPlane gaussian_derivative_plane(Size2 size, double sigma, double angle);

/// Returns a Gabor filter (J. Daugman 1985): exp(-r^2 / (2 sigma^2)) cos(2 pi u / wavelength), where u is the
/// coordinate along the direction `angle`, minus the mean, scaled so that the magnitudes add up to 2. `wavelength` is
/// in pixels, at least 0.1; the other arguments are as for gaussian_derivative_plane().
KernelPlane gabor_plane(Size2 size, double sigma, double angle, double wavelength);

/// Formats one plane as a Python list of rows, and several planes as a list of planes. planes_from_text() reads exactly
/// the same values from that text.
std::string to_text(std::span<const KernelPlane> planes);

/// Largest height and width of a kernel that can be edited.
inline constexpr int max_edited_kernel = 15;

/// Parses one or more planes of the same size from text: nested Python lists (also inside array(...) or tensor(...)),
/// MATLAB matrices [1 2; 3 4], or lines of numbers. The innermost lists are rows, the next ones planes; lists may be
/// nested up to four levels deep. Fractions such as 1/9 are allowed, and a matrix may be multiplied or divided by a
/// number: 1/9*[...], np.array(...) / 16, -[...]. Fails for text without numbers, for rows or planes of unequal size,
/// for values that are not finite numbers, and for kernels with more than max_edited_kernel rows or columns.
Expected<std::vector<KernelPlane>> planes_from_text(std::string_view text);

/// Returns the planes of kernel `index` of `weight` (C_out, C_in, KH, KW), one per input channel.
std::vector<KernelPlane> kernel_planes(const Tensor& weight, int index);

/// Returns `weight` with kernel `index` replaced by `planes`, which must be C_in planes of size KH x KW.
Tensor with_kernel(const Tensor& weight, int index, std::span<const KernelPlane> planes);

/// Returns `weight` with every kernel plane replaced by resized(plane, size).
Tensor with_kernel_size(const Tensor& weight, Size2 size);

/// Returns the kernels with the indices `keep`, in that order. The same index may occur several times.
Tensor with_kernels(const Tensor& weight, std::span<const int> keep);

}  // namespace convlens
