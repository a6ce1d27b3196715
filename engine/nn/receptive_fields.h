/// Where the receptive fields of a layer's values lie in the input.
#pragma once

#include "engine/core/image.h"
#include "engine/nn/network.h"

namespace convlens {

/// The receptive fields of a layer: that of position (y, x) begins at row top + y * jump.h and column left + x *
/// jump.w.
struct ReceptiveFields {
    Size2 size, jump{1, 1};
    int top = 0, left = 0;

    /// Returns the receptive field of position (y, x), which may extend beyond the input.
    Rect of(int y, int x) const { return {left + x * jump.w, top + y * jump.h, size.w, size.h}; }
};

/// Returns the receptive fields of layer `layer`, 0 <= layer < number of layers, for an input of shape `input`, on
/// which the layers must be able to run.
ReceptiveFields receptive_fields(const Network& network, const Shape& input, int layer);

}  // namespace convlens
