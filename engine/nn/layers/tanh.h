/// nn.Tanh.
#pragma once

#include <cmath>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Tanh: tanh(x).
struct Tanh {
    friend bool operator==(const Tanh&, const Tanh&) = default;
};

template <>
struct LayerTraits<Tanh> : NoFields<Tanh>, Activation<Tanh> {
    static constexpr std::string_view name = "Tanh";
    static constexpr std::string_view stem = "tanh";
    static constexpr bool exact = false;
    static Expected<Step> step(const Tanh& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"tanh(x)", std::tanh(x)};
    }
    static TorchCode torch(const Tanh& /*spec*/, const std::string& /*layer*/) { return {"nn.Tanh()"}; }
    static Expected<NumpyCode> numpy(const Tanh& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"np.tanh(y)"};
    }
};

}  // namespace convlens
