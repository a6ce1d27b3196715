/// How far the borders of the image reach into the layers of a network, and what the ways of padding change.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/nn/network.h"
#include "engine/view/chart.h"

namespace convlens {

inline constexpr int padding_modes = 4;  ///< Number of values of PaddingMode.

/// One layer.
struct BorderedLayer {
    std::string name;
    Shape shape;
    /// Part of the positions whose receptive field extends beyond the image, 0..1.
    double reached = 0;
    /// Part of the values that differ from those with zeros by more than 1 % of their standard deviation, 0..1, and
    /// norm of the difference divided by the norm of the values with zeros without their mean; for each PaddingMode.
    /// NaN if the network can't run with that mode.
    std::array<double, padding_modes> changed{}, difference{};
};

struct BorderResult {
    std::vector<BorderedLayer> layers;
    /// Channel `channel` of the last layer for each PaddingMode, (1, 1, H, W); empty if `errors` says why there is
    /// none.
    std::array<Tensor, padding_modes> maps;
    std::array<std::string, padding_modes> errors;
    Tensor mask;  ///< (1, 1, H, W): 1 where the receptive field of the last layer extends beyond the image, else 0.
};

/// Returns the network with the padding_mode of all convolutions set to `mode`.
Network padded_by(const Network& network, PaddingMode mode);

/// Runs the leading_maps() of a network on the one item of `input` with every padding_mode of its convolutions; other
/// layers keep their padding. Returns nullopt if canceled. Fails if the network can't run with zeros.
std::optional<Expected<BorderResult>> border_effects(const Network& network, const Tensor& input, int channel,
                                                     const Cancel& cancel);

/// Returns a chart over the layers: positions that the border reaches, and values that another padding changes.
Chart border_chart(const BorderResult& result);

}  // namespace convlens
