/// Kernels that come closest to a wanted frequency response: a band of frequencies, or a wedge of it.
#pragma once

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/view/chart.h"

namespace convlens {

/// Frequencies that should pass with the factor 1; all others should not pass. They lie in a ring around zero or, with
/// a spread below 180 degrees, in two opposite wedges of it.
struct Band {
    double lowest = 0.1, highest = 0.25;  ///< Cycles per pixel, inclusive.
    double orientation = 0;  ///< Direction in which the waves change, in degrees as in FilterNumbers::orientation.
    double spread = 180;     ///< Angle between the sides of a wedge, in degrees.

    /// Returns whether a frequency belongs to the band; y counts downward.
    bool contains(double fy, double fx) const;
    friend bool operator==(const Band&, const Band&) = default;
};

/// A kernel for a band.
struct BandFilter {
    Tensor kernel;        ///< (1, 1, K, K); the same rotated by 180 degrees, so that its response H is real.
    double error = 0;     ///< Root of the weighted sum of (H - wanted)^2, divided by that of wanted^2.
    double passed = 0;    ///< Mean of H in the band.
    double leaked = 0;    ///< Largest |H| outside of it.
    int frequencies = 0;  ///< Samples in the band.
};

inline constexpr int band_samples = 128;    ///< Frequencies per axis of the grid of the discrete Fourier transform.
inline constexpr int max_band_kernel = 31;  ///< Largest kernel that is designed.

/// Returns the kernel of `side` x `side` (odd, 1 to max_band_kernel) whose response comes closest to a band: it
/// minimizes the sum over band_samples x band_samples frequencies of weight * (H - wanted)^2, where the weight is 1 in
/// the band and `outside` > 0 elsewhere. With outside = 1, this is the wanted response's inverse transform, cut off;
/// otherwise the normal equations are solved. Fails if the band contains no sample.
Expected<BandFilter> band_filter(const Band& band, int side, double outside);

/// Returns the wanted response and that of the kernel along the direction of the band.
Chart band_chart(const Band& band, const BandFilter& filter);

}  // namespace convlens
