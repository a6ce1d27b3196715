/// nn.ConvTranspose2d.
#pragma once

#include <memory>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.ConvTranspose2d: every input value adds its product with a kernel to the output, at its position times the
/// stride. It is the transpose of the linear map that Conv2d with the same arguments computes.
/// https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
struct ConvTranspose2dSpec {
    int in_channels = 1;
    int out_channels = 1;
    Size2 kernel_size{2, 2};
    Size2 stride{1, 1};
    Size2 padding{0, 0};         ///< Rows and columns cut off on each side of the output.
    Size2 output_padding{0, 0};  ///< Rows added at the bottom and columns on the right; less than stride or dilation.
    int groups = 1;              ///< Must divide the numbers of input and output channels.
    bool bias = true;
    Size2 dilation{1, 1};
    friend bool operator==(const ConvTranspose2dSpec&, const ConvTranspose2dSpec&) = default;
};

/// A ConvTranspose2d layer with its weight (in_channels, out_channels/groups, KH, KW):
/// output[n, o, y, x] = bias[o] + sum over c, i, j, v, u with y = v * stride.h - padding.h + i * dilation.h and
/// x = u * stride.w - padding.w + j * dilation.w of weight[c, o', i, j] * input[n, c, v, u], where c is in the group of
/// o, and o' is the index of o in the group.
struct ConvTranspose2d {
    ConvTranspose2dSpec spec;
    std::shared_ptr<const Tensor> weight;
    SharedValues bias;  ///< Null unless spec.bias.
    friend bool operator==(const ConvTranspose2d&, const ConvTranspose2d&) = default;
};

template <>
struct LayerTraits<ConvTranspose2dSpec> : SpecAndArrays<ConvTranspose2dSpec, ConvTranspose2d> {
    static constexpr std::string_view name = "ConvTranspose2d", stem = "convt";
    static constexpr Role role = Role::weights;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        const Size2 one{1, 1}, zero{0, 0};
        visit.required("in_channels", s.in_channels, tooltip_text::in_channels);
        visit.required("out_channels", s.out_channels, tooltip_text::out_channels);
        visit.required("kernel_size", s.kernel_size, "Height and width of the kernels");
        visit.optional("stride", s.stride, one, "Rows and columns of the output from one input value to the next");
        visit.optional("padding", s.padding, zero, "Rows and columns cut off on each side of the output");
        visit.optional("output_padding", s.output_padding, zero,
                       "Rows added at the bottom of the output and columns added on its right");
        visit.optional("groups", s.groups, 1, "Number of groups into which input and output channels are divided");
        visit.optional("bias", s.bias, true, tooltip_text::bias);
        visit.optional("dilation", s.dilation, one, "Distance in the output between neighboring values of the kernel");
    }
    static Expected<Shape> output_shape(const ConvTranspose2dSpec& s, const Shape& input);
    static std::uint64_t multiply_accumulates(const ConvTranspose2dSpec& s, const Shape& input, const Shape& output);
    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const ConvTranspose2dSpec& s);
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
    }
    static std::optional<WindowShape> window(const ConvTranspose2dSpec& s, Size2 input);
    static Taps taps(const ConvTranspose2d& layer, const Shape& input, const PixelPosition& at);
    static ConvTranspose2dSpec example(const Shape& input) { return {input.c, input.c, {2, 2}, {2, 2}}; }
    static ConvTranspose2dSpec random(Random& random, Shape& input);
    static void break_down(const ConvTranspose2d& layer, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const ConvTranspose2dSpec& s, const std::string& layer);
    static Expected<NumpyCode> numpy(const ConvTranspose2dSpec& s, const std::string& layer);
};

}  // namespace convlens
