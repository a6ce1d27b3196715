/// Filters of rows or columns by their spectra.
#pragma once

#include <complex>
#include <functional>

#include "engine/core/tensor.h"

namespace convlens {

/// Multiplies the spectrum of every row (or column) of `planes`, which are periodic, by factor(k), where k / length is
/// the frequency in cycles per pixel, -length / 2 < k <= length / 2. Factors of opposite frequencies must be conjugate;
/// only the real part of that of the Nyquist frequency is used.
Tensor line_filtered(const Tensor& planes, bool vertical, const std::function<std::complex<double>(int k)>& factor);

/// Returns `planes` moved by `pixels` to the right or down, which may have a fraction; what leaves at one side enters
/// at the other. Fractions are exact for waves below the Nyquist frequency: the spectrum is multiplied by exp(-2 pi i f
/// pixels), as by scipy.ndimage.fourier_shift, and at the Nyquist frequency by cos(pi pixels).
Tensor shifted(const Tensor& planes, double pixels, bool vertical);

/// Returns `planes` without the waves that a stride of `stride` can't keep: frequencies above 1 / (2 stride) along
/// either axis; those of exactly 1 / (2 stride) are halved.
Tensor band_limited(const Tensor& planes, int stride);

}  // namespace convlens
