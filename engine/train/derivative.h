/// The derivatives of activation functions that are one formula of one value. At a kink, PyTorch's.
#pragma once

#include <cmath>
#include <numbers>

#include "engine/nn/layers.h"

namespace convlens {

inline float derivative(const ReLU6& /*layer*/, float x) { return x > 0 && x < 6 ? 1.0F : 0.0F; }

inline float derivative(const Hardtanh& layer, float x) { return x > layer.min_val && x < layer.max_val ? 1.0F : 0.0F; }

inline float derivative(const ELU& layer, float x) { return x > 0 ? 1.0F : layer.alpha * std::exp(x); }

inline float derivative(const SiLU& /*layer*/, float x) {
    const float s = 1.0F / (1.0F + std::exp(-x));
    return s * (1.0F + x * (1.0F - s));
}

inline float derivative(const GELU& /*layer*/, float x) {
    constexpr float root = std::numbers::sqrt2_v<float> / 2;
    return std::erfc(-x * root) / 2 + x * std::exp(-x * x / 2) * root * std::numbers::inv_sqrtpi_v<float>;
}

inline float derivative(const Hardswish& /*layer*/, float x) { return x < -3 ? 0.0F : x <= 3 ? x / 3 + 0.5F : 1.0F; }

inline float derivative(const Hardsigmoid& /*layer*/, float x) { return x > -3 && x < 3 ? 1.0F / 6 : 0.0F; }

}  // namespace convlens
