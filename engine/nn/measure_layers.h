/// Measures what each layer of a network costs, and what its values are.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <vector>

#include "engine/nn/backend.h"

namespace convlens {

/// The shares of LayerValues::quantiles, from the smallest value to the largest one.
inline constexpr std::array<double, 7> quantile_shares{0, 0.05, 0.25, 0.5, 0.75, 0.95, 1};

/// How the values of a layer's output are distributed.
struct LayerValues {
    static constexpr std::size_t bins = 32;
    std::size_t count = 0;  ///< Number of finite values.
    /// Between two values, interpolated as numpy.quantile does; 0 if there are no finite values.
    std::array<float, quantile_shares.size()> quantiles{};
    /// Number of values in each bin from the smallest to the largest value; empty if there are none.
    std::vector<float> histogram;
    friend bool operator==(const LayerValues&, const LayerValues&) = default;
};

/// Returns the distribution of the finite `values`, which it reorders.
LayerValues distribution(std::vector<float> values);

/// What was measured of one layer.
struct LayerMeasurement {
    /// Wall-clock time in milliseconds of the layer alone, with its statistics: the fastest of the rounds; negative if
    /// the layer can't run.
    double milliseconds = -1;
    int channels = 0;  ///< Number of channels of all batch items.
    /// How many of them are dead: all values are equal, as in is_dead(). Of channels with one value, those that are 0.
    int dead = 0;
    LayerValues values;  ///< Of all channels and batch items.
    friend bool operator==(const LayerMeasurement&, const LayerMeasurement&) = default;
};

/// Runs each layer by itself, in order, `rounds` times after forget(). Where the results of all layers do not fit into
/// memory, a time includes the layers that had to run again. A convolution followed by a ReLU, which `backend` runs
/// together in a forward pass up to a later layer, is measured as two layers. Fails only if canceled.
Expected<std::vector<LayerMeasurement>> measure_layers(Backend& backend, const Network& network,
                                                       const std::shared_ptr<const Tensor>& input, int rounds,
                                                       const Cancel& cancel);

}  // namespace convlens
