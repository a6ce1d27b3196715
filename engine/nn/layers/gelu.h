/// nn.GELU.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.GELU: x * P(X <= x) for a standard normal X, that is x / 2 * (1 + erf(x / sqrt(2))). The approximation with tanh
/// is not offered. (D. Hendrycks, K. Gimpel: Gaussian Error Linear Units, 2016, https://arxiv.org/abs/1606.08415)
struct GELU {
    friend bool operator==(const GELU&, const GELU&) = default;
};

template <>
struct LayerTraits<GELU> : NoFields<GELU>, Pointwise<GELU> {
    static constexpr std::string_view name = "GELU";
    static constexpr std::string_view stem = "gelu";
    static constexpr bool exact = false;
    using NoFields<GELU>::example;
    template <class Real>
    static Real apply(const GELU& /*layer*/, Real x) {
        return x / 2 * std::erfc(-x * static_cast<Real>(0.70710678118654752));
    }
    static constexpr const char* glsl = "0.5 * x * (1.0 + error_function(x * 0.70710678))";
    static std::string formula(const GELU& /*layer*/) { return "x / 2 * (1 + erf(x / sqrt(2)))"; }
    static TorchCode torch(const GELU& /*spec*/, const std::string& /*layer*/) { return {"nn.GELU()"}; }
    static Expected<NumpyCode> numpy(const GELU& /*spec*/, const std::string& /*layer*/) {
        static constexpr std::string_view function = R"(
def gelu(x):
    from math import erf
    return x / 2 * (1 + np.vectorize(erf)(x / np.sqrt(2)))
)";
        return NumpyCode{"gelu(y)", {function}};
    }
};

}  // namespace convlens
