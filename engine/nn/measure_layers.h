/// Measures what each layer of a network costs and how many of its channels are dead.
#pragma once

#include <memory>
#include <vector>

#include "engine/nn/backend.h"

namespace convlens {

/// What was measured of one layer.
struct LayerMeasurement {
    /// Wall-clock time in milliseconds of the layer alone, with its statistics: the fastest of the rounds; negative if
    /// the layer can't run.
    double milliseconds = -1;
    int channels = 0;  ///< Number of channels of all batch items.
    /// How many of them are dead: all values are equal, as in is_dead(). Of channels with one value, those that are 0.
    int dead = 0;
    friend bool operator==(const LayerMeasurement&, const LayerMeasurement&) = default;
};

/// Runs each layer by itself, in order, `rounds` times after forget(). Where the results of all layers do not fit into
/// memory, a time includes the layers that had to run again. A convolution followed by a ReLU, which `backend` runs
/// together in a forward pass up to a later layer, is measured as two layers. Fails only if canceled.
Expected<std::vector<LayerMeasurement>> measure_layers(Backend& backend, const Network& network,
                                                       const std::shared_ptr<const Tensor>& input, int rounds,
                                                       const Cancel& cancel);

}  // namespace convlens
