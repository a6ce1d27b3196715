/// Spectra of a picture before and after a kernel, and their product with the kernel's response.
#pragma once

#include <optional>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/filter/response.h"
#include "engine/view/chart.h"

namespace convlens {

struct Simd;

inline constexpr int max_spectrum_side = 256;  ///< Larger pictures are cut to their middle.

/// Spectra of a square part of a picture, under a Hann window and without its mean, so that neither its borders nor its
/// brightness hide the rest. A value is the sum over the pixels times the window times the wave, divided by the sum of
/// the window: half of the amplitude of a wave that fills the part.
struct FilteredSpectra {
    int side = 0;        ///< Of the part, in pixels, and number of frequencies per axis.
    Size2 picture;       ///< Size of the whole picture.
    Magnitudes input;    ///< Root of the sum over channels of |X|^2.
    Magnitudes product;  ///< |sum over channels of X H|, with the responses H of the kernel.
    Magnitudes output;   ///< |Y| of the kernel's output with stride 1.
    /// Norm of Y - sum of X H, divided by the norm of Y: what the window and the borders of the part do.
    double difference = 0;
    Tensor before, after;  ///< The part, (1, C, side, side), and the output, (1, 1, side, side), both without the mean.
};

/// Computes the spectra of the middle of `input` (1, C, H, W) for a kernel (1, C, KH, KW): the largest even number of
/// pixels per side, up to max_spectrum_side, whose outputs need no padding. Returns nullopt if canceled. Fails if less
/// than 8x8 outputs need no padding.
std::optional<Expected<FilteredSpectra>> filtered_spectra(const Tensor& input, const Tensor& kernel, const Simd& simd,
                                                          const Cancel& cancel);

/// Returns the root mean squares over all directions, in decibels of the largest of the input and, for the response
/// `h`, of its largest: of the input, the response, their product, and the output. The curves of input and response add
/// up to that of the output where directions do not matter.
Chart spectra_chart(const FilteredSpectra& spectra, const Magnitudes& h);

}  // namespace convlens
