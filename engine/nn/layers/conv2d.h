/// nn.Conv2d with all its hyper-parameters.
#pragma once

#include <memory>
#include <vector>

#include "engine/nn/layer_traits.h"

namespace convlens {

/// Hyper-parameters of a convolution. Names, meaning and default values are those of torch.nn.Conv2d
/// (https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html), which lacks `flip`.
struct ConvParams {
    Size2 stride{1, 1};
    Size2 padding{0, 0};  ///< h rows both above and below, w columns both on the left and right; unused if `same`.
    bool same = false;    ///< padding='same': the output is as large as the input. Requires stride 1.
    Size2 dilation{1, 1};
    int groups = 1;  ///< Must divide the numbers of input and output channels.
    PaddingMode padding_mode = PaddingMode::zeros;
    bool flip = false;  ///< Whether every kernel is rotated by 180 degrees: convolution as defined in mathematics,
                        ///< instead of correlation.
    friend bool operator==(const ConvParams&, const ConvParams&) = default;
};

/// nn.Conv2d. Its weight is (out_channels, in_channels/groups, KH, KW).
struct Conv2dSpec {
    int in_channels = 1;
    int out_channels = 1;
    Size2 kernel_size{1, 1};
    ConvParams params;
    bool bias = true;
    friend bool operator==(const Conv2dSpec&, const Conv2dSpec&) = default;
};

/// A convolution layer with weights: output[n,o,y,x] = bias[o] + sum over c,i,j of
/// weight[o,c,i,j] * padded_input[n, group*C_in/groups + c, y*stride.h + i*dilation.h, x*stride.w + j*dilation.w],
/// where group = floor(o * groups / C_out). With params.flip, weight[o,c,i,j] becomes weight[o,c,KH-1-i,KW-1-j].
struct Conv2d {
    ConvParams params;
    std::shared_ptr<const Tensor> weight;            ///< (C_out, C_in/groups, KH, KW); all values finite.
    std::shared_ptr<const std::vector<float>> bias;  ///< C_out values; null if there is no bias.

    Size2 kernel_size() const { return {weight->shape().h, weight->shape().w}; }

    /// Layers are equal if their hyper-parameters are equal and their weights are the same objects in memory.
    friend bool operator==(const Conv2d&, const Conv2d&) = default;
};

/// Returns the padding on each side that `params` specify for a kernel of size `kernel_size`, also for padding='same'.
Padding resolve_padding(const ConvParams& params, Size2 kernel_size);

/// Returns the shape of `layer`'s output for an input of shape `input`:
/// H_out = floor((H + top + bottom - dilation (K - 1) - 1) / stride) + 1.
/// W_out likewise. If the layer can't run on that input, fails with a message that names the value that does not fit.
Expected<Shape> output_shape(const Conv2d& layer, const Shape& input);

/// Like output_shape(layer, input), for a layer with these hyper-parameters and a weight of shape `weight`, (C_out,
/// C_in/groups, KH, KW).
Expected<Shape> output_shape(const ConvParams& params, const Shape& weight, const Shape& input);

template <>
struct LayerTraits<Conv2dSpec> {
    using Operation = Conv2d;
    static constexpr std::string_view name = "Conv2d";
    static constexpr Role role = Role::weights;
    static constexpr ChannelFlow channels = ChannelFlow::mixed;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        const ConvParams default_value;
        visit.required("in_channels", s.in_channels, tooltip_text::in_channels);
        visit.required("out_channels", s.out_channels, tooltip_text::out_channels);
        visit.required("kernel_size", s.kernel_size, tooltip_text::kernel_size);
        visit.optional("stride", s.params.stride, default_value.stride, tooltip_text::stride);
        visit.padding(s.params, tooltip_text::padding);
        visit.optional("dilation", s.params.dilation, default_value.dilation, tooltip_text::dilation);
        visit.optional("groups", s.params.groups, default_value.groups,
                       "Number of groups into which the channels are divided; each group is convolved separately");
        visit.optional("bias", s.bias, true, tooltip_text::bias);
        visit.optional("padding_mode", s.params.padding_mode, default_value.padding_mode,
                       "Values of the rows and columns that padding adds: zeros or copies of input values");
        visit.optional("flip", s.params.flip, default_value.flip,
                       "Rotate the kernel by 180 degrees: convolution as defined in mathematics, not correlation");
    }
    static Expected<Shape> output_shape(const Conv2dSpec& s, const Shape& input);
    static std::uint64_t multiply_accumulates(const Conv2dSpec& s, const Shape& input, const Shape& output);

    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const Conv2dSpec& s);
    static Conv2d without_arrays(const Conv2dSpec& s) { return {s.params, nullptr, nullptr}; }
    static Conv2dSpec spec(const Conv2d& conv);
    template <class Layer, class Visitor>
    static void arrays(Layer& conv, Visitor& visit) {
        visit("weight", conv.weight);
        visit("bias", conv.bias);
    }
    static std::optional<WindowShape> window(const Conv2dSpec& s, Size2 input);
    static Taps taps(const Conv2d& conv, const Shape& input, const PixelPosition& at);
    static constexpr std::string_view stem = "conv";
    static Conv2dSpec example(const Shape& input);
    static Conv2dSpec random(Random& random, Shape& input);
    static constexpr bool exact = true;
    static void break_down(const Conv2d& conv, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const Conv2dSpec& s, const std::string& layer);
    static Expected<NumpyCode> numpy(const Conv2dSpec& s, const std::string& layer);
};

}  // namespace convlens
