/// What shifts of the input do to the layers of a network: how much an output is the shifted output.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/filter/downsampling.h"
#include "engine/view/chart.h"

namespace convlens {

struct ShiftOptions {
    double reach = 16;        ///< Largest shift in pixels.
    int steps_per_pixel = 2;  ///< Shifts are multiples of 1 / steps_per_pixel.
    bool vertical = false;    ///< Down instead of to the right.
    /// Whether to compare only values whose receptive field lies in the image and contains nothing that has entered at
    /// the other side.
    bool inside = true;
    Downsampling down{};
    friend bool operator==(const ShiftOptions&, const ShiftOptions&) = default;
};

/// One layer under shifts of the input.
struct ShiftedLayer {
    std::string name;
    Shape shape;
    int jump = 1;  ///< Distance of neighboring values in pixels, along the shift.
    /// Cosine similarity of the output for the shifted input with the shifted output, for each shift; NaN if no value
    /// can be compared. A shift by d pixels is one by d / jump values; between values, Lanczos' kernel of 3 lobes
    /// interpolates, with the borders repeated.
    std::vector<double> consistency;
    /// The same with the output for the input as it is, over all values: how little the shift changes.
    std::vector<double> invariance;
};

/// The layers of a network under shifts of the input.
struct ShiftCurves {
    std::vector<double> shifts;        ///< In pixels: 0, 1 / steps_per_pixel, ...
    std::vector<ShiftedLayer> layers;  ///< The first one is the input itself.
    Tensor maps;                       ///< Channel `channel` of the last layer for each shift, (shifts, 1, H, W).

    /// Returns the mean of the consistency over all shifts where there is one; NaN if there is none.
    static double mean(const std::vector<double>& values);
};

/// Computes them for the leading_maps() of a network, downsampled as the options say, and the one item of `input`.
/// Returns nullopt if canceled. Fails if a layer can't run.
std::optional<Expected<ShiftCurves>> shift_curves(const Network& network, const Tensor& input,
                                                  const ShiftOptions& options, int channel, const Cancel& cancel);

/// Returns a chart of the consistency, or of the invariance, of all layers.
Chart shift_chart(const ShiftCurves& curves, const ShiftOptions& options, bool invariance);

}  // namespace convlens
