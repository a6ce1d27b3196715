/// LayerTraits, the description of a kind of layer, and the concept DescribedLayer, which checks that it is complete.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/random.h"
#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/nn/breakdown.h"
#include "engine/nn/layer_code.h"
#include "engine/nn/parameter.h"
#include "engine/nn/pixel_position.h"
#include "engine/nn/window.h"

namespace convlens {

/// Everything about one kind of layer except its reference implementation (engine/reference/) and its loops
/// (engine/cpu/). A layer's spec is the arguments of its constructor in torch.nn; its operation is the spec together
/// with its weights. The specialization for a layer's spec is in the layer's header in engine/nn/layers/.
/// DescribedLayer lists the members that it must have. There are no default implementations; specializations may
/// inherit from the building blocks at the end of this file.
template <class Spec>
struct LayerTraits;

/// What channel c of a layer's output represents.
enum class ChannelFlow {
    same,   ///< The same feature as channel c of the input.
    mixed,  ///< A new feature, computed from several channels.
    flat,   ///< A single value of the input: number c of all values of the batch item.
};

/// The purpose of a layer.
enum class Role {
    weights,        ///< Computes features as sums of products with weights.
    activation,     ///< Applies a nonlinear function.
    pooling,        ///< Reduces the size of feature maps.
    normalization,  ///< Scales values to a common mean and variance.
    joining,        ///< Combines several inputs: Add, Concat.
    passage,        ///< Passes features on in the form that the next layer needs: Flatten, AdaptiveAvgPool2d, Dropout.
};

/// How a layer with several inputs computes its output from them.
enum class JoinRule {
    none,     ///< The layer has one input.
    sum,      ///< The sum of the inputs.
    product,  ///< The product of the inputs.
    concat,   ///< The channels of the inputs, one input after the other.
};

/// Visitors with which DescribedLayer checks the function templates of LayerTraits. Nothing calls or defines their
/// functions.
struct FieldVisitor {
    template <class Value>
    void required(const char* name, Value& value, const char* tooltip_text);
    template <class Value, class Standard>
    void optional(const char* name, Value& value, const Standard& default_value, const char* tooltip_text);
};
struct ArrayVisitor {
    template <class Pointer>
    void operator()(const char* name, Pointer& array);
};

/// A layer that transforms each value separately. An explanation shows it as a step applied to one value of its input.
template <class Spec>
concept StepLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, const LayerInput& input, double x) {
    /// Returns the position of the input value from which the layer computes the output value at `position`. `shape` is
    /// the shape of the input.
    { LayerTraits<Spec>::origin(operation, shape, position) } -> std::same_as<PixelPosition>;
    /// Applies the layer to x, the value of `input` from which the layer computes the output value at `position`. May
    /// read other values of `input`, as GroupNorm does.
    { LayerTraits<Spec>::step(operation, x, position, input) } -> std::same_as<Expected<Step>>;
};

/// A layer that computes an output value from several input values, its taps.
template <class Spec>
concept TermLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, Breakdown& breakdown) {
    /// Completes the breakdown of the output value at `position` for an input of shape `shape`. The caller has set
    /// `first_channel`, `channels`, `window`, and all members of the terms except weights and products.
    { LayerTraits<Spec>::break_down(operation, shape, position, breakdown) } -> std::same_as<void>;
};

/// A layer that may have several inputs. The other members of its traits describe it with one input.
template <class Spec>
concept JoinLayer = requires(const Spec& spec, std::span<const Shape> shapes) {
    /// How the inputs are joined; not JoinRule::none.
    { LayerTraits<Spec>::join } -> std::convertible_to<JoinRule>;
    /// Returns the output shape for one or more inputs of the shapes `shapes`. Fails with a message that names the
    /// shapes if they do not fit.
    { LayerTraits<Spec>::joined_shape(spec, shapes) } -> std::same_as<Expected<Shape>>;
};

/// A spec for which LayerTraits has all required members.
template <class Spec>
concept DescribedLayer = std::default_initializable<Spec> && std::copyable<Spec> && std::equality_comparable<Spec> &&
    std::copyable<typename LayerTraits<Spec>::Operation> &&
    std::equality_comparable<typename LayerTraits<Spec>::Operation> &&
    requires(const Spec& spec, Spec& edited, const typename LayerTraits<Spec>::Operation& operation,
             typename LayerTraits<Spec>::Operation& made, const Shape& shape, Shape& input, Size2 size,
             const PixelPosition& position, const std::string& layer, Random& random, FieldVisitor& fields,
             ArrayVisitor& arrays) {
    /// The class name in torch.nn, which is also the type in a network file.
    { LayerTraits<Spec>::name } -> std::convertible_to<std::string_view>;
    /// Calls a function of `fields` for each hyper-parameter, in the order of the constructor in torch.nn:
    /// required(name, value, tooltip) for one without a default value, optional(name, value, default_value, tooltip)
    /// for one with a default value, padding(params, tooltip) for a padding that is a size or 'same'. The default value
    /// of a pool's stride is its kernel_size, which is visited before. Values are references to int, bool, float,
    /// Size2, PaddingMode, UpsampleMode or std::optional<int>; const if the spec is const.
    LayerTraits<Spec>::fields(spec, fields);
    LayerTraits<Spec>::fields(edited, fields);

    /// Returns the output shape for an input of shape `shape`, none of whose dimensions is 0. If the layer can't run on
    /// such an input, fails with a message that names the parameter or size that does not fit.
    { LayerTraits<Spec>::output_shape(spec, shape) } -> std::same_as<Expected<Shape>>;
    /// multiply_accumulates(spec, input, output) returns the number of multiply-accumulates with weights for these
    /// shapes of input and output.
    { LayerTraits<Spec>::multiply_accumulates(spec, shape, shape) } -> std::same_as<std::uint64_t>;

    /// Returns the descriptions of the layer's arrays in the order of PyTorch's state dict.
    { LayerTraits<Spec>::parameters(spec) } -> std::same_as<std::vector<ParameterSpec>>;
    /// Names of arrays that the state dict contains but Convlens does not use.
    std::span<const std::string_view>(LayerTraits<Spec>::unused_arrays);
    /// without_arrays(s) returns an operation with the constructor arguments of the spec s and null pointers for its
    /// arrays; spec(o) returns the spec of the operation o.
    { LayerTraits<Spec>::without_arrays(spec) } -> std::same_as<typename LayerTraits<Spec>::Operation>;
    { LayerTraits<Spec>::spec(operation) } -> std::same_as<Spec>;
    /// Calls arrays(name, pointer) for each array that the operation may have. The pointer is a reference to a
    /// std::shared_ptr<const Tensor> or to SharedValues; it is null if parameters() does not list the array.
    LayerTraits<Spec>::arrays(operation, arrays);
    LayerTraits<Spec>::arrays(made, arrays);

    /// The purpose of the layer, and what the channels of its output represent.
    { LayerTraits<Spec>::role } -> std::convertible_to<Role>;
    { LayerTraits<Spec>::channels } -> std::convertible_to<ChannelFlow>;
    /// Returns the window for an input of `size` rows and columns; nullopt if each position of the output depends on
    /// only one position of the input.
    { LayerTraits<Spec>::window(spec, size) } -> std::same_as<std::optional<WindowShape>>;
    /// Returns the taps of the output value at `position` for an input of shape `shape`, as taps_of() does.
    { LayerTraits<Spec>::taps(operation, shape, position) } -> std::same_as<Taps>;

    /// Return the layer's code in a PyTorch and in a NumPy script. `layer` is the layer's name in the script.
    { LayerTraits<Spec>::torch(spec, layer) } -> std::same_as<TorchCode>;
    { LayerTraits<Spec>::numpy(spec, layer) } -> std::same_as<Expected<NumpyCode>>;

    /// `stem` is the prefix of the names of new layers: "conv". example() returns a new layer for the user to edit,
    /// with sizes that fit an input of shape `shape`.
    { LayerTraits<Spec>::stem } -> std::convertible_to<std::string_view>;
    { LayerTraits<Spec>::example(shape) } -> std::same_as<Spec>;
    /// random() returns a random layer for tests that can run on an input of shape `input`; it may change `input` to
    /// make that possible. `exact` is true if the backends' results must be bit-identical to those of the reference
    /// implementation when weights and input are small integers.
    { LayerTraits<Spec>::random(random, input) } -> std::same_as<Spec>;
    { LayerTraits<Spec>::exact } -> std::convertible_to<bool>;
} &&(StepLayer<Spec> || TermLayer<Spec>);

// ---- building blocks

/// Base of the traits of a layer without hyper-parameters, such as ReLU.
template <class Spec>
struct NoFields {
    template <class S, class Visitor>
    static void fields(S& /*spec*/, Visitor& /*visit*/) {}
    static Spec example(const Shape& /*input*/) { return {}; }
    static Spec random(Random& /*random*/, Shape& /*input*/) { return {}; }
};

/// Base of the traits of a layer without weights and other arrays. Its spec is also its operation.
template <class Spec>
struct NoArrays {
    using Operation = Spec;
    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const Spec& /*spec*/) { return {}; }
    static Spec without_arrays(const Spec& spec) { return spec; }
    static Spec spec(const Spec& operation) { return operation; }
    template <class Layer, class Visitor>
    static void arrays(Layer& /*operation*/, Visitor& /*visit*/) {}
};

/// Base of the traits of a layer whose operation is a struct of the spec, in a member `spec`, and arrays.
template <class Spec, class Operation_>
struct SpecAndArrays {
    using Operation = Operation_;
    static Operation without_arrays(const Spec& spec) {
        Operation operation;
        operation.spec = spec;
        return operation;
    }
    static Spec spec(const Operation& operation) { return operation.spec; }
};

/// Base of the traits of a layer without multiply-accumulates with weights, such as ReLU or MaxPool2d.
template <class Spec>
struct NoMacs {
    static std::uint64_t multiply_accumulates(const Spec& /*spec*/, const Shape& /*input*/, const Shape& /*output*/) {
        return 0;
    }
};

/// Base of the traits of a layer that computes each output value from the input value at the same position.
template <class Spec, class Operation = Spec>
struct Elementwise : NoMacs<Spec> {
    static Expected<Shape> output_shape(const Spec& /*spec*/, const Shape& input) { return input; }
    static constexpr ChannelFlow channels = ChannelFlow::same;
    static std::optional<WindowShape> window(const Spec& /*spec*/, Size2 /*input*/) { return std::nullopt; }
    static Taps taps(const Operation& /*operation*/, const Shape& /*input*/, const PixelPosition& at) {
        return tap_at(at);
    }
    static PixelPosition origin(const Operation& /*operation*/, const Shape& /*input*/, const PixelPosition& at) {
        return at;
    }
};

/// Base of the traits of an elementwise activation function without weights.
template <class Spec>
struct Activation : Elementwise<Spec>, NoArrays<Spec> {
    static constexpr Role role = Role::activation;
};

/// Returns the product of `factors`, or UINT64_MAX on overflow.
std::uint64_t product(std::initializer_list<std::uint64_t> factors);

/// Returns h * w.
inline std::uint64_t area(Size2 s) { return static_cast<std::uint64_t>(s.h) * static_cast<std::uint64_t>(s.w); }

/// Tooltips of hyper-parameters that several layers share.
namespace tooltip_text {

inline constexpr const char *in_channels = "C_in: number of input channels",
                            *out_channels = "C_out: number of kernels, equal to the number of output channels",
                            *kernel_size = "Height and width of the window that slides over the input",
                            *stride = "Rows and columns by which the window moves from one output value to the next",
                            *padding = "Rows and columns added on each side of the input",
                            *dilation =
                                "Distance in the input between neighboring values of the window; 1 means no gaps",
                            *bias = "Add a learned constant to each output",
                            *ceil_mode =
                                "Let the last window extend past the border so that no input values are left out",
                            *output_size = "Rows and columns of the output", *channels = "Number of input channels",
                            *eps = "Added to the variance to avoid division by zero",
                            *affine = "Scale and shift each channel by learned values";

}  // namespace tooltip_text
}  // namespace convlens
