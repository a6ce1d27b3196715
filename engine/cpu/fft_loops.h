/// Interface of the vector loops of Fourier transforms, of as many columns at once as a SIMD vector has lanes.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/cpu/conv2d_tiles.h"

namespace convlens {

/// The steps of a Fourier transform of `length` complex numbers, in place: FftLoops::forward leaves frequency
/// frequency(i) at position i, FftLoops::backward expects it there. `length` is 2^n or 3 * 2^n, n >= 2.
class FftSteps {
  public:
    explicit FftSteps(int length);

    int length() const { return length_; }
    /// Returns the frequency, 0 .. length - 1, at each position, and the position of each frequency.
    const std::vector<int>& frequencies() const { return frequencies_; }
    const std::vector<int>& positions() const { return positions_; }

    /// A step splits parts of `length` numbers into `radix` parts.
    struct Step {
        int radix, length;
        /// exp(-2 pi i j k / length) for j < length / radix and 0 < k < radix: [j][k - 1][real, imaginary].
        std::vector<float> factors;
    };
    const std::vector<Step>& steps() const { return steps_; }

  private:
    int length_;
    std::vector<Step> steps_;
    std::vector<int> frequencies_, positions_;
};

/// A strip of products of spectra, see FftLoops::products.
struct FftProducts {
    const float* spectra = nullptr;  ///< Of the input channels, one after the other at a distance of spectrum_pitch.
    std::ptrdiff_t spectrum_pitch = 0;
    const float* kernels = nullptr;  ///< The same for the kernels.
    std::ptrdiff_t kernel_pitch = 0;
    int channels = 0;
    bool conjugate = false;  ///< Whether the kernels' numbers are conjugated.
    int length = 0;          ///< Complex numbers of a strip.
    float* to = nullptr;
};

/// Where FftLoops::store puts the columns of a strip.
struct FftOutput {
    float* rows = nullptr;        ///< First row, at the strip's first column.
    float* rectified = nullptr;   ///< The same for ReLU of the values; may be null.
    std::ptrdiff_t pitch = 0;     ///< From row to row.
    int height = 0, columns = 0;  ///< Rows, and columns, of which there may be more than a strip has.
    float bias = 0;
};

/// The loops for one instruction set. A strip has `lanes` columns of `length` complex numbers: [number][real lanes,
/// imaginary lanes].
struct FftLoops {
    /// Transforms a strip: sums with exp(-2 pi i ...) or, with `swapped`, exp(2 pi i ...).
    void (*forward)(const FftSteps& steps, float* strip, bool swapped);
    /// The inverse of forward(), times the length.
    void (*backward)(const FftSteps& steps, float* strip, bool swapped);
    /// Copies columns x .. x + lanes of two images, which become the real and the imaginary parts.
    void (*load)(const float* real, const float* imaginary, std::ptrdiff_t pitch, int height, float* strip);
    /// Transposes: number rows[i] of column j becomes number j of column i of `to`, for `lanes` entries of `rows`.
    void (*turn)(const float* strip, const int* rows, float* to);
    /// Transposes back: number j of column i, j < lanes, becomes number rows[i] of column j of `to`.
    void (*turn_back)(const float* numbers, const int* rows, float* to);
    /// Computes the sum over channels of spectrum times kernel.
    void (*products)(const FftProducts& job);
    /// Stores the real, or the imaginary, parts of a strip, and adds the values to `stats` unless it is null.
    void (*store)(const float* strip, bool imaginary, const FftOutput& output, LaneStats* stats);
};

}  // namespace convlens
