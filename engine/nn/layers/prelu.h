/// nn.PReLU.
#pragma once

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.PReLU: x if x >= 0, otherwise weight * x, with one weight for all channels or one for each. (K. He and others:
/// Delving Deep into Rectifiers, 2015, https://arxiv.org/abs/1502.01852)
struct PReLUSpec {
    int num_parameters = 1;  ///< 1, or the number of channels.
    friend bool operator==(const PReLUSpec&, const PReLUSpec&) = default;
};

/// A PReLU layer with its num_parameters weights.
struct PReLU {
    PReLUSpec spec;
    SharedValues weight;
    friend bool operator==(const PReLU&, const PReLU&) = default;

    /// Returns the factor of negative values in `channel`.
    float factor(int channel) const {
        return (*weight)[spec.num_parameters == 1 ? 0 : static_cast<std::size_t>(channel)];
    }
};

template <>
struct LayerTraits<PReLUSpec> : Elementwise<PReLUSpec, PReLU>, SpecAndArrays<PReLUSpec, PReLU> {
    static constexpr std::string_view name = "PReLU", stem = "prelu";
    static constexpr Role role = Role::activation;
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("num_parameters", s.num_parameters, PReLUSpec{}.num_parameters,
                       "Number of learned factors of negative values: 1, or one for each channel");
    }
    static PReLUSpec example(const Shape& /*input*/) { return {}; }
    static PReLUSpec random(Random& random, Shape& input) { return {random.coin() ? input.c : 1}; }
    static Expected<Shape> output_shape(const PReLUSpec& s, const Shape& input) {
        if (s.num_parameters == 1) return input;
        if (auto ok = check_channels(name, s.num_parameters, input); !ok) return tl::unexpected(ok.error());
        return input;
    }
    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const PReLUSpec& s) {
        return {{"weight", {s.num_parameters}, FirstValues::all(0.25F)}};
    }
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
    }
    static Expected<Step> step(const PReLU& layer, double x, const PixelPosition& at, const LayerInput& /*input*/) {
        const float factor = layer.factor(at.channel);
        return Step{fmt::format("x if x > 0 else {:.4g} x", factor), x > 0 ? x : x * static_cast<double>(factor)};
    }
    static TorchCode torch(const PReLUSpec& s, const std::string& /*layer*/) {
        return {"nn.PReLU(" + python::text(s.num_parameters) + ")"};
    }
    static Expected<NumpyCode> numpy(const PReLUSpec& /*spec*/, const std::string& layer) {
        return NumpyCode{"np.where(y < 0, " + python::channel_array(layer, "weight") + " * y, y)"};
    }
};

}  // namespace convlens
