/// Frequency responses of kernels: what a convolution multiplies waves by.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "engine/core/shape.h"

namespace convlens {

/// Samples of the frequency response H of a real kernel. If the input is the wave exp(2 pi i (fy y + fx x)), the output
/// of Conv2d, which correlates, is H(fy, fx) times that wave, where y counts downward:
///
/// H(fy, fx) = sum over (ky, kx) of w[ky][kx] exp(2 pi i (fy (ky - cy) + fx (kx - cx))),
///
/// with the middle of the kernel (cy, cx) = ((KH - 1) / 2, (KW - 1) / 2), rounded down. Frequencies are in cycles per
/// pixel. For numpy.fft this is conj(fft2(...)) of the kernel, padded with zeros and moved so that its middle is at
/// (0, 0). As H(-f) = conj(H(f)), half of the plane is stored: `size` rows, whose fy are those of
/// numpy.fft.fftfreq(size), of size / 2 + 1 columns with fx = column / size.
struct FrequencyResponse {
    int size = 0;
    std::vector<float> re, im;

    int columns() const { return size / 2 + 1; }
    /// Returns the sample of a row and a column.
    std::complex<float> at(int row, int column) const {
        const auto i = static_cast<std::size_t>(row * columns() + column);
        return {re[i], im[i]};
    }
};

/// Computes frequency responses of kernels of one size. Any thread may call its functions.
class ResponsePlan {
  public:
    /// Prepares `size` x `size` samples, an even number >= 2, for kernels of any size >= 1x1.
    ResponsePlan(Size2 kernel, int size);

    /// Returns the response of a kernel, whose values are given row by row.
    FrequencyResponse response(std::span<const float> kernel) const;
    /// Writes it to `made`, and reuses its memory.
    void response(std::span<const float> kernel, FrequencyResponse& made) const;

    Size2 kernel() const { return kernel_; }
    int size() const { return size_; }

  private:
    Size2 kernel_;
    int size_, columns_;
    std::vector<float> row_re_, row_im_;  ///< exp(2 pi i fx (kx - cx)), [kx][column].
    std::vector<float> cos_, sin_;        ///< Of 2 pi fy (ky - cy), [fy][ky] for 0 <= fy <= size / 2.
};

/// Magnitudes |H| at the frequencies of a FrequencyResponse, in the same order.
struct Magnitudes {
    int size = 0;
    std::vector<float> values;

    /// Returns |H| at the sample nearest to zero plus (y, x) steps of 1 / size, -size / 2 <= y, x <= size / 2.
    float sample(int y, int x) const;
    /// Returns |H| at a frequency of -0.5..0.5 in both axes, interpolated linearly between samples.
    float at(double fy, double fx) const;
};

/// Returns the magnitudes of a response.
Magnitudes magnitudes(const FrequencyResponse& response);

/// Returns the root of the sum over responses of |H|^2: of the responses of all input channels of a kernel, this is the
/// largest factor by which a wave can grow whose colors are free.
Magnitudes magnitudes(std::span<const FrequencyResponse> responses);

/// Returns the same for `kernels`, the values of the kernels of all input channels one after the other. Needs the
/// memory of one response.
Magnitudes magnitudes(const ResponsePlan& plan, std::span<const float> kernels);

/// What passes a filter.
enum class FilterKind {
    none,       ///< Nothing: all weights are zero.
    all_pass,   ///< All frequencies, between 0.7 and 1 times the peak.
    low_pass,   ///< Constants, with at least 0.7 times the peak.
    high_pass,  ///< The highest frequency in the direction of the peak, with at least 0.7 times the peak.
    band_pass,  ///< Frequencies in between.
};
const char* to_string(FilterKind kind);

/// What can be read off the magnitudes of a response.
struct FilterNumbers {
    FilterKind kind = FilterKind::none;
    float dc = 0;         ///< |H(0)|, the factor for constants.
    float peak = 0;       ///< Largest |H|.
    float frequency = 0;  ///< Of the peak, in cycles per pixel: 0..0.71.
    /// Direction in which the wave at the peak changes, in degrees 0..180 counterclockwise from the x axis: 0 for
    /// vertical stripes. 0 for a peak at zero.
    float orientation = 0;
    /// How much direction matters: |sum of |H|^2 exp(2 i angle)| / sum of |H|^2 over all frequencies but zero; 0 for a
    /// kernel that treats all directions alike, 1 for waves of one direction.
    float selectivity = 0;
    /// Width of the band around the peak where |H| is at least half of it, in octaves, along the ray from zero through
    /// the peak. NaN if the band has no end on one side.
    float bandwidth = 0;
    /// The same along the circle through the peak, in degrees of both sides together, at most 180.
    float spread = 0;
    /// Frequency above which |H|, as the mean over all directions, stays below 1 / sqrt(2) of the peak of this mean.
    /// NaN if it does not, up to 0.5.
    float cutoff = 0;
};

/// Reads them off. The position of the peak is that of parabolas through the largest sample and its neighbors.
FilterNumbers read_off(const Magnitudes& magnitudes);

}  // namespace convlens
