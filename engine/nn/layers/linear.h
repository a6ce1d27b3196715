/// nn.Linear.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Linear: each output is the sum of all inputs multiplied by weights, plus a bias. An input (N, C, H, W) counts as
/// (N, C*H*W), as if a Flatten came before the layer. The output is (N, out_features, 1, 1), the weight (out_features,
/// in_features).
struct LinearSpec {
    int in_features = 1;
    int out_features = 1;
    bool bias = true;
    friend bool operator==(const LinearSpec&, const LinearSpec&) = default;
};

/// A Linear layer with its weights.
struct Linear {
    LinearSpec spec;
    std::shared_ptr<const Tensor> weight;  ///< (out_features, in_features, 1, 1).
    SharedValues bias;                     ///< out_features values; null if there is no bias.
    friend bool operator==(const Linear&, const Linear&) = default;
};

template <>
struct LayerTraits<LinearSpec> : SpecAndArrays<LinearSpec, Linear> {
    static constexpr std::string_view name = "Linear";
    static constexpr Role role = Role::weights;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("in_features", s.in_features, "Number of input values: channels x rows x columns");
        visit.required("out_features", s.out_features, "Number of output values");
        visit.optional("bias", s.bias, true, tooltip_text::bias);
    }
    static Expected<Shape> output_shape(const LinearSpec& s, const Shape& input);
    static std::uint64_t multiply_accumulates(const LinearSpec& s, const Shape& /*input*/, const Shape& output) {
        return product({output.count(), static_cast<std::uint64_t>(s.in_features)});
    }

    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const LinearSpec& s) {
        return weight_and_bias({s.out_features, s.in_features}, {s.out_features}, s.bias,
                               static_cast<std::uint64_t>(s.in_features));
    }
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
    }
    static std::optional<WindowShape> window(const LinearSpec& /*spec*/, Size2 input) {
        return WindowShape{.kernel_size = input, .slides = false};
    }
    static Taps taps(const Linear& /*layer*/, const Shape& input, const PixelPosition& /*at*/) {
        return taps_everywhere({0, input.c}, input);
    }
    static constexpr std::string_view stem = "fc";
    static LinearSpec example(const Shape& input);
    static LinearSpec random(Random& random, Shape& input) {
        return {input.c * input.h * input.w, random.whole(1, 50), random.coin()};
    }
    static constexpr bool exact = true;
    static void break_down(const Linear& layer, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const LinearSpec& s, const std::string& layer);
    static Expected<NumpyCode> numpy(const LinearSpec& s, const std::string& layer);
};

}  // namespace convlens
