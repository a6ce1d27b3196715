/// nn.Hardsigmoid.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.Hardsigmoid: (x + 3) / 6, but at least 0 and at most 1.
struct Hardsigmoid {
    friend bool operator==(const Hardsigmoid&, const Hardsigmoid&) = default;
};

template <>
struct LayerTraits<Hardsigmoid> : NoFields<Hardsigmoid>, Pointwise<Hardsigmoid> {
    static constexpr std::string_view name = "Hardsigmoid";
    static constexpr std::string_view stem = "hardsigmoid";
    static constexpr bool exact = false;
    using NoFields<Hardsigmoid>::example;
    template <class Real>
    static Real apply(const Hardsigmoid& /*layer*/, Real x) {
        return clamped<Real>(x + 3, 0, 6) / 6;
    }
    static constexpr const char* glsl = "clamp(x + 3.0, 0.0, 6.0) / 6.0";
    static std::string formula(const Hardsigmoid& /*layer*/) { return "min(max(x + 3, 0), 6) / 6"; }
    static TorchCode torch(const Hardsigmoid& /*spec*/, const std::string& /*layer*/) { return {"nn.Hardsigmoid()"}; }
    static Expected<NumpyCode> numpy(const Hardsigmoid& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"np.clip(y + 3, 0, 6) / 6"};
    }
};

}  // namespace convlens
