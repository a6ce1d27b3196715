/// nn.SiLU.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.SiLU: x * sigmoid(x), also called swish. (S. Elfwing and others: Sigmoid-Weighted Linear Units, 2017,
/// https://arxiv.org/abs/1702.03118)
struct SiLU {
    friend bool operator==(const SiLU&, const SiLU&) = default;
};

template <>
struct LayerTraits<SiLU> : NoFields<SiLU>, Pointwise<SiLU> {
    static constexpr std::string_view name = "SiLU";
    static constexpr std::string_view stem = "silu";
    static constexpr bool exact = false;
    using NoFields<SiLU>::example;
    template <class Real>
    static Real apply(const SiLU& /*layer*/, Real x) {
        return x / (1 + std::exp(-x));
    }
    static constexpr const char* glsl = "x / (1.0 + exp(-x))";
    static std::string formula(const SiLU& /*layer*/) { return "x / (1 + exp(-x))"; }
    static TorchCode torch(const SiLU& /*spec*/, const std::string& /*layer*/) { return {"nn.SiLU()"}; }
    static Expected<NumpyCode> numpy(const SiLU& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"y / (1 + np.exp(-y))"};
    }
};

}  // namespace convlens
