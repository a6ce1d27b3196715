/// Layers with the meaning, the names and the defaults of torch.nn
/// (https://pytorch.org/docs/stable/nn.html): what each is, without and with its weights.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/nn/check.h"
#include "engine/nn/conv2d.h"
#include "engine/nn/parameter.h"

namespace convlens {

// A spec is a layer as its constructor in torch.nn takes it: hyper-parameters and sizes, no weights.

/// nn.Conv2d. Its weight is (out_channels, in_channels/groups, KH, KW).
struct Conv2dSpec {
    int in_channels = 1;
    int out_channels = 1;
    Size2 kernel_size{1, 1};
    ConvParams params;
    bool bias = true;
    friend bool operator==(const Conv2dSpec&, const Conv2dSpec&) = default;
};

/// A convolution whose kernels are others at every place (LeCun 1989; Keras' LocallyConnected2D, valid padding).
/// Its weight is (out_channels, in_channels, OH, OW, KH, KW), its bias (out_channels, OH, OW), with
/// (OH, OW) = output_size = (input - kernel_size) / stride + 1.
struct LocallyConnected2dSpec {
    int in_channels = 1;
    int out_channels = 1;
    Size2 output_size{1, 1};
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    bool bias = true;
    friend bool operator==(const LocallyConnected2dSpec&, const LocallyConnected2dSpec&) = default;
};

/// nn.BatchNorm2d in evaluation: (x - running_mean) / sqrt(running_var + eps) * weight + bias, one of each a channel.
struct BatchNorm2dSpec {
    int num_features = 1;
    float eps = 1e-5F;
    bool affine = true;  ///< Has weight and bias.
    friend bool operator==(const BatchNorm2dSpec&, const BatchNorm2dSpec&) = default;
};

/// nn.Linear. An input of (N, C, H, W) is read as (N, C*H*W), as x.view(N, -1) or a Flatten before it would make it;
/// the output is (N, out_features, 1, 1). Its weight is (out_features, in_features).
struct LinearSpec {
    int in_features = 1;
    int out_features = 1;
    bool bias = true;
    friend bool operator==(const LinearSpec&, const LinearSpec&) = default;
};

/// nn.ReLU: max(x, 0).
struct ReLU {
    friend bool operator==(const ReLU&, const ReLU&) = default;
};

/// nn.LeakyReLU: x, times negative_slope where x < 0.
struct LeakyReLU {
    float negative_slope = 0.01F;
    friend bool operator==(const LeakyReLU&, const LeakyReLU&) = default;
};

/// nn.Sigmoid: 1 / (1 + exp(-x)).
struct Sigmoid {
    friend bool operator==(const Sigmoid&, const Sigmoid&) = default;
};

/// nn.Tanh.
struct Tanh {
    friend bool operator==(const Tanh&, const Tanh&) = default;
};

/// nn.MaxPool2d: the largest value under a window; padding never wins.
struct MaxPool2d {
    Size2 kernel_size{2, 2};
    Size2 stride{2, 2};  ///< nn.MaxPool2d's default is kernel_size.
    Size2 padding{0, 0};
    Size2 dilation{1, 1};
    bool ceil_mode = false;  ///< Round the output's size up; a window must begin inside the input or its left padding.
    friend bool operator==(const MaxPool2d&, const MaxPool2d&) = default;
};

/// nn.AvgPool2d: the mean under a window.
struct AvgPool2d {
    Size2 kernel_size{2, 2};
    Size2 stride{2, 2};  ///< nn.AvgPool2d's default is kernel_size.
    Size2 padding{0, 0};
    bool ceil_mode = false;
    bool count_include_pad = true;        ///< Padding zeros count among the values.
    std::optional<int> divisor_override;  ///< Divides the sum instead of the number of values.
    friend bool operator==(const AvgPool2d&, const AvgPool2d&) = default;
};

/// nn.AdaptiveAvgPool2d: output y is the mean of the input rows floor(y H / OH) to ceil((y+1) H / OH) - 1, likewise
/// along x.
struct AdaptiveAvgPool2d {
    Size2 output_size{1, 1};
    friend bool operator==(const AdaptiveAvgPool2d&, const AdaptiveAvgPool2d&) = default;
};

/// nn.Flatten: (N, C, H, W) becomes (N, C*H*W, 1, 1).
struct Flatten {
    friend bool operator==(const Flatten&, const Flatten&) = default;
};

/// nn.Dropout in evaluation: changes nothing.
struct Dropout {
    float p = 0.5F;
    friend bool operator==(const Dropout&, const Dropout&) = default;
};

/// nn.Softmax over the channels (dim=1): exp(x - max) / sum of exp(x - max).
struct Softmax {
    friend bool operator==(const Softmax&, const Softmax&) = default;
};

using OperationSpec =
    std::variant<Conv2dSpec, LocallyConnected2dSpec, ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d,
                 AdaptiveAvgPool2d, BatchNorm2dSpec, Flatten, LinearSpec, Dropout, Softmax>;

/// The class of torch.nn: "Conv2d", "MaxPool2d".
std::string_view type_name(const OperationSpec& spec);

/// A LocallyConnected2dSpec and its weights.
struct LocallyConnected2d {
    LocallyConnected2dSpec spec;
    std::shared_ptr<const Tensor> weight;  ///< (out_channels, in_channels, OH*OW, KH*KW).
    std::shared_ptr<const Tensor> bias;    ///< (1, out_channels, OH, OW), or null for none.
    friend bool operator==(const LocallyConnected2d&, const LocallyConnected2d&) = default;
};

/// A BatchNorm2dSpec and its values, num_features of each.
struct BatchNorm2d {
    BatchNorm2dSpec spec;
    SharedValues weight, bias;  ///< Null where not spec.affine: 1 and 0.
    SharedValues running_mean, running_var;
    friend bool operator==(const BatchNorm2d&, const BatchNorm2d&) = default;
};

/// A LinearSpec and its weights.
struct Linear {
    LinearSpec spec;
    std::shared_ptr<const Tensor> weight;  ///< (out_features, in_features, 1, 1).
    SharedValues bias;                     ///< out_features values, or null for none.
    friend bool operator==(const Linear&, const Linear&) = default;
};

/// What a layer computes. Equal operations have equal hyper-parameters and the very same weights.
using Operation = std::variant<Conv2d, LocallyConnected2d, ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d,
                               AdaptiveAvgPool2d, BatchNorm2d, Flatten, Linear, Dropout, Softmax>;

/// `operation` without its weights.
OperationSpec spec_of(const Operation& operation);

/// The shape of the output for an input of shape `input`, by PyTorch's formulas.
/// Fails in a sentence that names the value when the layer can't run on that input.
Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input);

/// Multiplications of weights (each with an addition) in a forward pass from `input` to `output`; padding taps count,
/// layers without a sum of products count nothing. The largest size_t where the number does not fit.
std::size_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output);

}  // namespace convlens
