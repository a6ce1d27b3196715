/// Layers with the meaning, the names and the defaults of torch.nn
/// (https://pytorch.org/docs/stable/nn.html): the list of them, and what is asked about any of them.
#pragma once

#include <algorithm>
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

/// One kind of layer with all that DescribedLayer asks for; the compiler names what is missing.
template <DescribedLayer Spec>
struct LayerKind {
    using Operation = typename LayerTraits<Spec>::Operation;
};

/// Kinds of layers.
template <class... Specs>
struct LayerList {
    using Spec = std::variant<Specs...>;
    using Operation = std::variant<typename LayerKind<Specs>::Operation...>;

    /// Which kind has the operation `Layer`.
    template <class Layer>
    static constexpr std::size_t index_of = [] {
        constexpr bool same[] = {std::is_same_v<Layer, typename LayerKind<Specs>::Operation>...};
        return static_cast<std::size_t>(std::find(std::begin(same), std::end(same), true) - std::begin(same));
    }();
};

/// Every kind that there is, in the order of menus and messages.
using Layers = LayerList<Conv2dSpec, LocallyConnected2dSpec, ReLU, LeakyReLU, Sigmoid, Tanh, MaxPool2d, AvgPool2d,
                         AdaptiveAvgPool2d, BatchNorm2dSpec, GroupNormSpec, Flatten, LinearSpec, Dropout, Softmax>;

/// A layer as its constructor in torch.nn takes it: hyper-parameters and sizes, no weights.
using OperationSpec = Layers::Spec;

/// What a layer computes. Equal operations have equal hyper-parameters and the very same weights.
using Operation = Layers::Operation;

/// The spec and the traits of an alternative of Operation.
template <class Layer>
using SpecOf = std::variant_alternative_t<Layers::index_of<Layer>, OperationSpec>;
template <class Layer>
using TraitsOf = LayerTraits<SpecOf<Layer>>;

/// The classes of torch.nn: "Conv2d", "MaxPool2d".
std::span<const std::string_view> layer_types();
std::string_view type_name(const OperationSpec& spec);

/// The spec of that type with standard values; none where there is no such type.
std::optional<OperationSpec> spec_of_type(std::string_view type);

/// `operation` without its weights.
OperationSpec spec_of(const Operation& operation);

/// The shape of the output for an input of shape `input`, by PyTorch's formulas.
/// Fails in a sentence that names the value when the layer can't run on that input.
Expected<Shape> output_shape(const OperationSpec& spec, const Shape& input);

/// Multiplications of weights (each with an addition) in a forward pass from `input` to `output`; padding taps count,
/// layers without a sum of products count nothing. The largest size_t where the number does not fit.
std::size_t multiply_accumulates(const OperationSpec& spec, const Shape& input, const Shape& output);

/// The window over an input of `size` rows and columns that the layer can run on; none where each place of the output
/// sees one place of the input.
std::optional<WindowShape> window_of(const OperationSpec& spec, Size2 size);

/// What the layer is there for, and what the channels of its output are.
Role role_of(const OperationSpec& spec);
ChannelFlow channels_of(const OperationSpec& spec);

/// Names of arrays that PyTorch's state_dict has of such a layer and that nobody needs.
std::span<const std::string_view> unused_arrays_of(const OperationSpec& spec);

/// Calls visit(name, pointer) for each array that the operation may have: std::shared_ptr<const Tensor> or
/// SharedValues, null for those that it lacks.
template <class Visitor>
void visit_arrays(const Operation& operation, Visitor&& visit) {
    std::visit([&]<class Layer>(const Layer& layer) { TraitsOf<Layer>::arrays(layer, visit); }, operation);
}

/// What the names of new layers of that type begin with: "conv".
std::string_view name_stem(const OperationSpec& spec);

/// A layer of the type of `spec` to go on from behind an output of shape `input`, of sizes that fit it.
OperationSpec example_of(const OperationSpec& spec, const Shape& input);

}  // namespace convlens
