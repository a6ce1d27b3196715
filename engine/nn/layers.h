/// All kinds of layers, with the meaning, names and default values of torch.nn, and functions for any of them.
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
#include "engine/nn/layers/avg_pool2d.h"
#include "engine/nn/layers/batch_norm2d.h"
#include "engine/nn/layers/conv2d.h"
#include "engine/nn/layers/dropout.h"
#include "engine/nn/layers/flatten.h"
#include "engine/nn/layers/group_norm.h"
#include "engine/nn/layers/leaky_relu.h"
#include "engine/nn/layers/linear.h"
#include "engine/nn/layers/locally_connected2d.h"
#include "engine/nn/layers/max_pool2d.h"
#include "engine/nn/layers/relu.h"
#include "engine/nn/layers/sigmoid.h"
#include "engine/nn/layers/softmax.h"
#include "engine/nn/layers/tanh.h"

namespace convlens {

/// One kind of layer, which must satisfy DescribedLayer; otherwise the compiler names the missing member.
template <DescribedLayer Spec>
struct LayerKind {
    using Operation = typename LayerTraits<Spec>::Operation;
};

/// A list of kinds of layers.
template <class... Specs>
struct LayerList {
    using Spec = std::variant<Specs...>;
    using Operation = std::variant<typename LayerKind<Specs>::Operation...>;

    /// Index of the kind whose operation is `Layer`.
    template <class Layer>
    static constexpr std::size_t index_of = [] {
        constexpr bool same[] = {std::is_same_v<Layer, typename LayerKind<Specs>::Operation>...};
        return static_cast<std::size_t>(std::find(std::begin(same), std::end(same), true) - std::begin(same));
    }();
};

/// All kinds of layers, in the order of menus and messages.
using Layers = LayerList<Conv2dSpec, LocallyConnected2dSpec, ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d,
                         AdaptiveAvgPool2d, BatchNorm2dSpec, GroupNormSpec, Flatten, LinearSpec, Dropout, Softmax>;

/// A layer as described by its constructor in torch.nn (https://pytorch.org/docs/stable/nn.html): hyper-parameters and
/// sizes, no weights.
using OperationSpec = Layers::Spec;

/// A layer that can be computed. Equal operations have equal hyper-parameters and share the same weights.
using Operation = Layers::Operation;

/// The spec type and the traits of `Layer`, an alternative of Operation.
template <class Layer>
using SpecOf = std::variant_alternative_t<Layers::index_of<Layer>, OperationSpec>;
template <class Layer>
using TraitsOf = LayerTraits<SpecOf<Layer>>;

/// Returns the class names in torch.nn, in the order of Layers: "Conv2d", "MaxPool2d".
std::span<const std::string_view> layer_types();
std::string_view type_name(const OperationSpec& spec);

/// Returns the spec of that type with default values; nullopt if there is no such type.
std::optional<OperationSpec> spec_of_type(std::string_view type);

/// Returns `operation` without its weights.
OperationSpec spec_of(const Operation& operation);

/// Returns the shape of the output for an input of shape `input`, by PyTorch's formulas. Fails with a message that
/// names the value if the layer can't run on that input.
Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input);

/// Returns the number of multiply-accumulates with weights in a forward pass from `input` to `output`. Taps in the
/// padding count; layers without sums of products count 0. Returns SIZE_MAX on overflow.
std::uint64_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output);

/// Returns the window over an input of `size` rows and columns that the layer can run on; nullopt if each position of
/// the output sees one position of the input.
std::optional<WindowShape> window_of(const OperationSpec& spec, Size2 size);

/// Return the purpose of the layer, and what the channels of its output represent.
Role role_of(const OperationSpec& spec);
ChannelFlow channels_of(const OperationSpec& spec);

/// Returns the names of arrays that PyTorch's state dict contains for such a layer but Convlens does not use.
std::span<const std::string_view> unused_arrays_of(const OperationSpec& spec);

/// Calls visit(name, pointer) for each array that the operation may have: std::shared_ptr<const Tensor> or
/// SharedValues, null for arrays that it lacks.
template <class Visitor>
void visit_arrays(const Operation& operation, Visitor&& visit) {
    std::visit([&]<class Layer>(const Layer& layer) { TraitsOf<Layer>::arrays(layer, visit); }, operation);
}

/// Returns the prefix of the names of new layers of that type: "conv".
std::string_view name_stem(const OperationSpec& spec);

/// Returns a layer of the type of `spec` to start from, with sizes that fit a previous output of shape `input`.
OperationSpec example_of(const OperationSpec& spec, const Shape& input);

}  // namespace convlens
