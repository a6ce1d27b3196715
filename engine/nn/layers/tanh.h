/// nn.Tanh.
#pragma once

#include <cmath>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Tanh.
struct Tanh {
    friend bool operator==(const Tanh&, const Tanh&) = default;
};

template <>
struct LayerTraits<Tanh> : NoFields<Tanh>, Activation<Tanh> {
    static constexpr std::string_view name = "Tanh";
};

}  // namespace convlens
