/// nn.Sigmoid.
#pragma once

#include <cmath>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Sigmoid: 1 / (1 + exp(-x)).
struct Sigmoid {
    friend bool operator==(const Sigmoid&, const Sigmoid&) = default;
};

template <>
struct LayerTraits<Sigmoid> : NoFields<Sigmoid>, Activation<Sigmoid> {
    static constexpr std::string_view name = "Sigmoid";
    static constexpr std::string_view stem = "sigmoid";
    static constexpr bool exact = false;
    static Expected<Step> step(const Sigmoid& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"1 / (1 + exp(-x))", 1 / (1 + std::exp(-x))};
    }
    static TorchCode torch(const Sigmoid& /*spec*/, const std::string& /*layer*/) { return {"nn.Sigmoid()"}; }
    static Expected<NumpyCode> numpy(const Sigmoid& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"1 / (1 + np.exp(-y))"};
    }
};

}  // namespace convlens
