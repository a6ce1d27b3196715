/// nn.Hardswish.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.Hardswish: x * hardsigmoid(x). (A. Howard and others: Searching for MobileNetV3, 2019,
/// https://arxiv.org/abs/1905.02244)
struct Hardswish {
    friend bool operator==(const Hardswish&, const Hardswish&) = default;
};

template <>
struct LayerTraits<Hardswish> : NoFields<Hardswish>, Pointwise<Hardswish> {
    static constexpr std::string_view name = "Hardswish";
    static constexpr std::string_view stem = "hardswish";
    static constexpr bool exact = false;
    using NoFields<Hardswish>::example;
    template <class Real>
    static Real apply(const Hardswish& /*layer*/, Real x) {
        return x * clamped<Real>(x + 3, 0, 6) / 6;
    }
    static constexpr const char* glsl = "x * clamp(x + 3.0, 0.0, 6.0) / 6.0";
    static std::string formula(const Hardswish& /*layer*/) { return "x * min(max(x + 3, 0), 6) / 6"; }
    static TorchCode torch(const Hardswish& /*spec*/, const std::string& /*layer*/) { return {"nn.Hardswish()"}; }
    static Expected<NumpyCode> numpy(const Hardswish& /*spec*/, const std::string& /*layer*/) {
        return NumpyCode{"y * np.clip(y + 3, 0, 6) / 6"};
    }
};

}  // namespace convlens
