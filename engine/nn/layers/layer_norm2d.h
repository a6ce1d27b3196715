/// Layer normalization over the channels.
#pragma once

#include <algorithm>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// torchvision's LayerNorm2d, nn.LayerNorm over the channels of each position: (x - mean) / sqrt(variance + eps) *
/// weight + bias, with one weight and one bias per channel. Mean and variance are those of the values of all channels
/// at the position of x. (J. Ba and others: Layer Normalization, 2016, https://arxiv.org/abs/1607.06450; torchvision's
/// models/convnext.py)
struct LayerNorm2dSpec {
    int num_channels = 1;
    float eps = 1e-6F;   ///< At least 0.
    bool affine = true;  ///< Whether the layer has weight and bias.
    friend bool operator==(const LayerNorm2dSpec&, const LayerNorm2dSpec&) = default;
};

/// A LayerNorm2d layer with its arrays of num_channels values each.
struct LayerNorm2d {
    LayerNorm2dSpec spec;
    SharedValues weight, bias;  ///< Null unless spec.affine; a null weight means 1 and a null bias means 0.
    friend bool operator==(const LayerNorm2d&, const LayerNorm2d&) = default;
};

template <>
struct LayerTraits<LayerNorm2dSpec> : Elementwise<LayerNorm2dSpec, LayerNorm2d>,
                                      SpecAndArrays<LayerNorm2dSpec, LayerNorm2d> {
    static constexpr std::string_view name = "LayerNorm2d", stem = "ln";
    static constexpr Role role = Role::normalization;
    static constexpr bool exact = false;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("num_channels", s.num_channels, tooltip_text::channels);
        visit.optional("eps", s.eps, LayerNorm2dSpec{}.eps, tooltip_text::eps);
        visit.optional("affine", s.affine, true, tooltip_text::affine);
    }
    static LayerNorm2dSpec example(const Shape& input) { return {input.c, 1e-6F, true}; }
    static LayerNorm2dSpec random(Random& random, Shape& input) {
        input.c = std::max(input.c, 2);  // one channel alone would always become the bias
        return {input.c, 1e-3F, random.coin()};
    }
    static Expected<Shape> output_shape(const LayerNorm2dSpec& s, const Shape& input) {
        if (auto ok = check_channels(name, s.num_channels, input); !ok) return tl::unexpected(ok.error());
        if (auto ok = check_eps(s.eps); !ok) return tl::unexpected(ok.error());
        return input;
    }
    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const LayerNorm2dSpec& s) {
        return scale_and_shift(s.num_channels, s.affine);
    }
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
    }
    static Taps taps(const LayerNorm2d& /*layer*/, const Shape& input, const PixelPosition& at) {
        return {0, input.c, {at.y}, {at.x}};
    }
    static Expected<Step> step(const LayerNorm2d& layer, double x, const PixelPosition& at, const LayerInput& input) {
        const auto values = input.read({0, input.shape.c}, {at.x, at.y, 1, 1});
        if (!values) return tl::unexpected(values.error());
        const double count = input.shape.c;
        double mean = 0, variance = 0;
        for (const float v : values->values()) mean += static_cast<double>(v) / count;
        for (const float v : values->values())
            variance += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean) / count;
        const auto of = [&](const SharedValues& array, double other) {
            return array ? static_cast<double>((*array)[static_cast<std::size_t>(at.channel)]) : other;
        };
        Step step = normalized(x, mean, variance, layer.spec.eps, of(layer.weight, 1), of(layer.bias, 0));
        step.formula += ", mean and variance of all channels at this position";
        return step;
    }
    static TorchCode torch(const LayerNorm2dSpec& s, const std::string& /*layer*/) {
        static constexpr std::string_view define = R"(
class LayerNorm2d(nn.LayerNorm):
    """nn.LayerNorm over the channels of each position, as in torchvision's ConvNeXt."""
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)

)";
        using python::text;
        return {"LayerNorm2d(" + text(s.num_channels) + ", eps=" + text(s.eps) +
                    ", elementwise_affine=" + text(s.affine) + ")",
                false, define};
    }
    static Expected<NumpyCode> numpy(const LayerNorm2dSpec& s, const std::string& layer) {
        static constexpr std::string_view function = R"(
def layer_norm2d(x, eps):
    return (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + eps)
)";
        std::string line = "layer_norm2d(y, " + python::text(s.eps) + ")";
        if (s.affine)
            line += " * " + python::channel_array(layer, "weight") + " + " + python::channel_array(layer, "bias");
        return NumpyCode{std::move(line), {function}};
    }
};

}  // namespace convlens
