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
    static constexpr std::string_view stem = "relu";
    static constexpr bool exact = true;
    static Expected<Step> step(const ReLU& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"max(x, 0)", std::max(x, 0.0)};
    }
    static TorchCode torch(const ReLU& /*spec*/, const std::string& /*layer*/) { return {"nn.ReLU()"}; }
    static Expected<NumpyCode> numpy(const ReLU& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"np.maximum(y, 0)"};
    }
};

}  // namespace convlens
