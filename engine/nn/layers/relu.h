/// nn.ReLU.
#pragma once

#include <algorithm>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.ReLU: max(x, 0).
struct ReLU {
    friend bool operator==(const ReLU&, const ReLU&) = default;
};

template <>
struct LayerTraits<ReLU> : NoFields<ReLU>, Activation<ReLU> {
    static constexpr std::string_view name = "ReLU";
};

}  // namespace convlens
