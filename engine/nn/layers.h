/// All kinds of layers, and functions for a layer of any kind. Names, meaning and default values are those of torch.nn.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"
#include "engine/nn/layers/adaptive_avg_pool2d.h"
#include "engine/nn/layers/adaptive_max_pool2d.h"
#include "engine/nn/layers/avg_pool2d.h"
#include "engine/nn/layers/batch_norm2d.h"
#include "engine/nn/layers/conv2d.h"
#include "engine/nn/layers/conv_transpose2d.h"
#include "engine/nn/layers/dropout.h"
#include "engine/nn/layers/elu.h"
#include "engine/nn/layers/flatten.h"
#include "engine/nn/layers/gelu.h"
#include "engine/nn/layers/group_norm.h"
#include "engine/nn/layers/hardsigmoid.h"
#include "engine/nn/layers/hardswish.h"
#include "engine/nn/layers/hardtanh.h"
#include "engine/nn/layers/join.h"
#include "engine/nn/layers/layer_norm2d.h"
#include "engine/nn/layers/leaky_relu.h"
#include "engine/nn/layers/linear.h"
#include "engine/nn/layers/local_response_norm.h"
#include "engine/nn/layers/locally_connected2d.h"
#include "engine/nn/layers/max_pool2d.h"
#include "engine/nn/layers/pad2d.h"
#include "engine/nn/layers/pixel_shuffle.h"
#include "engine/nn/layers/prelu.h"
#include "engine/nn/layers/relu.h"
#include "engine/nn/layers/relu6.h"
#include "engine/nn/layers/sigmoid.h"
#include "engine/nn/layers/silu.h"
#include "engine/nn/layers/softmax.h"
#include "engine/nn/layers/tanh.h"
#include "engine/nn/layers/upsample.h"

namespace convlens {

/// One kind of layer. Its spec must satisfy DescribedLayer; otherwise the compiler's error names the missing member.
template <DescribedLayer Spec>
struct LayerKind {
    using Operation = typename LayerTraits<Spec>::Operation;
};

/// A list of kinds of layers.
template <class... Specs>
struct LayerList {
    using Spec = std::variant<Specs...>;
    using Operation = std::variant<typename LayerKind<Specs>::Operation...>;

    /// Index in the list of the kind whose operation is `Layer`.
    template <class Layer>
    static constexpr std::size_t index_of = [] {
        constexpr bool same[] = {std::is_same_v<Layer, typename LayerKind<Specs>::Operation>...};
        return static_cast<std::size_t>(std::find(std::begin(same), std::end(same), true) - std::begin(same));
    }();
};

/// All kinds of layers, in the order of menus and messages.
using Layers = LayerList<Conv2dSpec, ConvTranspose2dSpec, LocallyConnected2dSpec, ReLU, LeakyReLU, PReLUSpec, ReLU6,
                         Hardtanh, ELU, SiLU, GELU, Hardswish, Hardsigmoid, Sigmoid, Tanh, MaxPool2d, AvgPool2d,
                         AdaptiveAvgPool2d, AdaptiveMaxPool2d, BatchNorm2dSpec, GroupNormSpec, LayerNorm2dSpec,
                         LocalResponseNorm, ZeroPad2d, ReflectionPad2d, ReplicationPad2d, Upsample, PixelShuffle,
                         Flatten, LinearSpec, Dropout, Softmax, Add, Multiply, Concat>;

/// A layer without weights: the arguments of its constructor in torch.nn (https://pytorch.org/docs/stable/nn.html).
using OperationSpec = Layers::Spec;

/// A layer with weights, which a backend can run. Operations are equal if their hyper-parameters are equal and their
/// weights are the same objects in memory.
using Operation = Layers::Operation;

/// The type of the spec and the LayerTraits of `Layer`, which is one of the alternatives of Operation.
template <class Layer>
using SpecOf = std::variant_alternative_t<Layers::index_of<Layer>, OperationSpec>;
template <class Layer>
using TraitsOf = LayerTraits<SpecOf<Layer>>;

/// Returns the class name of each kind of layer, in the order of Layers: "Conv2d", "LocallyConnected2d", "ReLU"... They
/// are the names in torch.nn, which lacks LocallyConnected2d, Add, Multiply and Concat.
std::span<const std::string_view> layer_types();

/// Returns the class name of the layer: "Conv2d".
std::string_view type_name(const OperationSpec& spec);

/// Returns the spec with the class name `type` and default values; nullopt if there is no such type.
std::optional<OperationSpec> spec_of_type(std::string_view type);

/// Returns `operation` without its weights.
OperationSpec spec_of(const Operation& operation);

/// Returns the shape of the output for an input of shape `input`, by PyTorch's formulas. Fails with a message that
/// names the value if the layer can't run on that input.
Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input);

/// Like output_shape() above, for a layer whose inputs have the shapes `inputs`, one or more. Fails if there are
/// several and the layer has one input.
Expected<Shape> output_shape(const OperationSpec& spec, std::span<const Shape> inputs);

/// Returns how the layer joins its inputs; JoinRule::none if it has one input.
JoinRule join_of(const OperationSpec& spec);

/// Returns true if the layer may have several inputs.
inline bool is_join(const OperationSpec& spec) { return join_of(spec) != JoinRule::none; }

/// Returns the position of the value of input `k` from which a layer that joins inputs of the shapes `inputs` by `rule`
/// computes the output value at `at`; nullopt if a Concat reads another input.
std::optional<PixelPosition> source_of(JoinRule rule, std::span<const Shape> inputs, std::size_t k,
                                       const PixelPosition& at);

/// Returns the number of multiply-accumulates with weights in a forward pass from an input of shape `input` to an
/// output of shape `output`. Multiplications with padding count. Layers without weighted sums, such as ReLU, give 0.
/// Returns UINT64_MAX on overflow.
std::uint64_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output);

/// Returns the window of the layer for an input of `size` rows and columns, on which the layer must be able to run;
/// nullopt if each position of the output depends on only one position of the input.
std::optional<WindowShape> window_of(const OperationSpec& spec, Size2 size);

/// Returns the purpose of the layer.
Role role_of(const OperationSpec& spec);

/// Returns what the channels of the layer's output represent.
ChannelFlow channels_of(const OperationSpec& spec);

/// Returns the names of the arrays that PyTorch's state dict contains for such a layer but Convlens does not use.
std::span<const std::string_view> unused_arrays_of(const OperationSpec& spec);

/// Calls visit(name, pointer) for each array that a layer of that kind may have. The pointer is a std::shared_ptr<const
/// Tensor> or SharedValues; it is null if this layer does not have the array.
template <class Visitor>
void visit_arrays(const Operation& operation, Visitor&& visit) {
    std::visit([&]<class Layer>(const Layer& layer) { TraitsOf<Layer>::arrays(layer, visit); }, operation);
}

/// Returns the prefix of the names of new layers of that type: "conv" for "conv1", "conv2".
std::string_view name_stem(const OperationSpec& spec);

/// Returns a new layer of the same type as `spec` for the user to edit, with sizes that fit an input of shape `input`.
OperationSpec example_of(const OperationSpec& spec, const Shape& input);

}  // namespace convlens
