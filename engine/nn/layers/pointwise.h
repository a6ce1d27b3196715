/// Building block of activation functions that are one formula of one value, without weights.
#pragma once

#include <cmath>
#include <concepts>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// An activation whose LayerTraits have apply<Real>(layer, x), the formula for float and double; `glsl`, the same as an
/// expression of x, p and q in GLSL; glsl_parameters(layer), the values of p and q; and formula(layer), for people.
template <class Spec>
concept PointwiseLayer = requires(const Spec& spec, float x, double y) {
    { LayerTraits<Spec>::apply(spec, x) } -> std::same_as<float>;
    { LayerTraits<Spec>::apply(spec, y) } -> std::same_as<double>;
    { LayerTraits<Spec>::glsl } -> std::convertible_to<const char*>;
    { LayerTraits<Spec>::glsl_parameters(spec) } -> std::same_as<std::array<float, 2>>;
    { LayerTraits<Spec>::formula(spec) } -> std::same_as<std::string>;
};

/// Base of the traits of a PointwiseLayer.
template <class Spec>
struct Pointwise : Activation<Spec> {
    static Expected<Step> step(const Spec& layer, double x, const PixelPosition& /*at*/, const LayerInput& /*input*/) {
        return Step{LayerTraits<Spec>::formula(layer), LayerTraits<Spec>::apply(layer, x)};
    }
    static std::array<float, 2> glsl_parameters(const Spec& /*layer*/) { return {0, 0}; }
    static Spec example(const Shape& /*input*/) { return {}; }
};

/// Returns x, but at least `low` and at most `high`. NaN stays NaN, as in PyTorch.
template <class Real>
Real clamped(Real x, Real low, Real high) {
    return x < low ? low : x > high ? high : x;
}

}  // namespace convlens
