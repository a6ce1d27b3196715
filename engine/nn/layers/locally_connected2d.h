/// A convolution with a different kernel at every position.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// A locally connected layer: like a convolution without padding, but with a different kernel at every position (Y.
/// LeCun 1989; Keras' LocallyConnected2D with padding="valid"). In the state dict, its weight has the shape
/// (out_channels, in_channels, OH, OW, KH, KW) and its bias the shape (out_channels, OH, OW), where (OH, OW) is
/// output_size.
struct LocallyConnected2dSpec {
    int in_channels = 1;
    int out_channels = 1;
    Size2 output_size{1, 1};  ///< Must be floor((input size - kernel_size) / stride) + 1.
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    bool bias = true;
    friend bool operator==(const LocallyConnected2dSpec&, const LocallyConnected2dSpec&) = default;
};

/// A locally connected layer with its weights.
struct LocallyConnected2d {
    LocallyConnected2dSpec spec;
    std::shared_ptr<const Tensor> weight;  ///< (out_channels, in_channels, OH*OW, KH*KW).
    std::shared_ptr<const Tensor> bias;    ///< (1, out_channels, OH, OW); null if there is no bias.
    friend bool operator==(const LocallyConnected2d&, const LocallyConnected2d&) = default;
};

template <>
struct LayerTraits<LocallyConnected2dSpec> : SpecAndArrays<LocallyConnected2dSpec, LocallyConnected2d> {
    static constexpr std::string_view name = "LocallyConnected2d";
    static constexpr Role role = Role::weights;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("in_channels", s.in_channels, tooltip_text::in_channels);
        visit.required("out_channels", s.out_channels, tooltip_text::out_channels);
        visit.required("output_size", s.output_size, tooltip_text::output_size);
        visit.required("kernel_size", s.kernel_size, tooltip_text::kernel_size);
        visit.optional("stride", s.stride, Size2{1, 1}, tooltip_text::stride);
        visit.optional("bias", s.bias, true, tooltip_text::bias);
    }
    static Expected<Shape> output_shape(const LocallyConnected2dSpec& s, const Shape& input);
    static std::uint64_t multiply_accumulates(const LocallyConnected2dSpec& s, const Shape& input,
                                              const Shape& output) {
        return product({output.count(), static_cast<std::uint64_t>(input.c), area(s.kernel_size)});
    }

    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const LocallyConnected2dSpec& s);
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
    }
    static std::optional<WindowShape> window(const LocallyConnected2dSpec& s, Size2 /*input*/) {
        return WindowShape{s.kernel_size, s.stride};
    }
    static Taps taps(const LocallyConnected2d& layer, const Shape& input, const PixelPosition& at) {
        return taps_under(*window(layer.spec, {}), {0, input.c}, input, at);
    }
    static constexpr std::string_view stem = "local";
    static LocallyConnected2dSpec example(const Shape& input);
    static LocallyConnected2dSpec random(Random& random, Shape& input);
    static constexpr bool exact = true;
    static void break_down(const LocallyConnected2d& layer, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const LocallyConnected2dSpec& s, const std::string& layer);
    static Expected<NumpyCode> numpy(const LocallyConnected2dSpec& s, const std::string& layer);
};

}  // namespace convlens
