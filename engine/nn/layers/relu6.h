/// nn.ReLU6.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.ReLU6: x, but at least 0 and at most 6. (A. Krizhevsky: Convolutional Deep Belief Networks on CIFAR-10, 2010)
struct ReLU6 {
    friend bool operator==(const ReLU6&, const ReLU6&) = default;
};

template <>
struct LayerTraits<ReLU6> : NoFields<ReLU6>, Pointwise<ReLU6> {
    static constexpr std::string_view name = "ReLU6";
    static constexpr std::string_view stem = "relu6";
    static constexpr bool exact = true;
    using NoFields<ReLU6>::example;
    template <class Real>
    static Real apply(const ReLU6& /*layer*/, Real x) {
        return clamped<Real>(x, 0, 6);
    }
    static constexpr const char* glsl = "x < 0.0 ? 0.0 : x > 6.0 ? 6.0 : x";
    static std::string formula(const ReLU6& /*layer*/) { return "min(max(x, 0), 6)"; }
    static TorchCode torch(const ReLU6& /*spec*/, const std::string& /*layer*/) { return {"nn.ReLU6()"}; }
    static Expected<NumpyCode> numpy(const ReLU6& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"np.clip(y, 0, 6)"};
    }
};

}  // namespace convlens
