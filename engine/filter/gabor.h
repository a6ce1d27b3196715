/// Gabor functions, which the kernels of first layers resemble, fitted to kernels.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "engine/core/shape.h"

namespace convlens {

/// A wave under a Gaussian (Daugman 1985), at position (y, x) in pixels:
///
/// g = amplitude exp(-u^2 / (2 sigma_u^2) - v^2 / (2 sigma_v^2)) cos(2 pi u / wavelength + phase),
///
/// where u is the distance from the center along the wave and v across it: u = (x - center_x) cos(o) - (y - center_y)
/// sin(o), v = (x - center_x) sin(o) + (y - center_y) cos(o) with the orientation o. y counts downward.
struct Gabor {
    double amplitude = 0;               ///< >= 0
    double wavelength = 0;              ///< In pixels.
    double orientation = 0;             ///< In degrees 0..180, as FilterNumbers::orientation.
    double phase = 0;                   ///< In degrees -180..180: 0 for an even function, -90 or 90 for an odd one.
    double sigma_u = 0, sigma_v = 0;    ///< In pixels.
    double center_y = 0, center_x = 0;  ///< In pixels from the first value.
    /// Norm of the difference between kernel and function, divided by the norm of the kernel: 0..1.
    double residual = 1;
};

/// Returns the values of the function at all positions of a kernel, row by row.
std::vector<double> gabor_values(const Gabor& gabor, Size2 size);

/// Fits a Gabor function to a kernel, whose values are given row by row, by least squares (Levenberg and Marquardt)
/// from several starts at the peak of its frequency response. The wavelength is at least sqrt(2) pixels. Returns
/// nullopt for kernels of zeros, of fewer than 16 values (the function has 8 parameters), and of more than 4096 values.
std::optional<Gabor> fit_gabor(std::span<const float> kernel, Size2 size);

}  // namespace convlens
