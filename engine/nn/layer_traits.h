/// The description of each kind of layer: LayerTraits, and DescribedLayer, which checks that it is complete.
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

/// Everything about one kind of layer except its reference formula and its loops. Specialized for the layer's spec in
/// its file of engine/nn/layers/. There are no default implementations: layers inherit what they have in common from
/// the building blocks below.
template <class Spec>
struct LayerTraits;

/// What channel c of a layer's output represents.
enum class ChannelFlow {
    same,   ///< Channel c of the input, transformed: both represent the same feature.
    mixed,  ///< Computed from several channels.
    flat,   ///< One value of the input: number c of all values of a batch item.
};

/// The purpose of a layer.
enum class Role {
    weights,        ///< Extracts features: computes sums of products with weights.
    activation,     ///< Applies a nonlinear function.
    pooling,        ///< Reduces the size of feature maps.
    normalization,  ///< Brings values to a common scale.
    passage,        ///< Passes features on in the form that the next layer needs, without adding information.
};

/// Visitors that instantiate the function templates of the traits, for the checks only.
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

/// A layer that transforms each value separately. It is explained as a step applied to a value of the previous layer.
template <class Spec>
concept StepLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, const LayerInput& input, double x) {
    /// Returns the position in the input (of shape `shape`) of the value from which the layer computes the output value
    /// at `position`.
    { LayerTraits<Spec>::origin(operation, shape, position) } -> std::same_as<PixelPosition>;
    /// Applies the layer to x, the value of `input` from which the layer computes the output value at `position`.
    { LayerTraits<Spec>::step(operation, x, position, input) } -> std::same_as<Expected<Step>>;
};

/// A layer that computes a value from the values at its taps.
template <class Spec>
concept TermLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, Breakdown& breakdown) {
    /// Completes the breakdown of the value at `position` for an input of `shape`. On entry, all members of the terms
    /// except weights and products are set.
    { LayerTraits<Spec>::break_down(operation, shape, position, breakdown) } -> std::same_as<void>;
};

/// A spec with complete traits.
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
    /// Calls, in the order of torch.nn's constructor, fields.required(name, value, meaning) for a field without a
    /// default value, fields.optional(name, value, default_value, meaning) for a field with one (a pool's default
    /// stride is its kernel_size, which is visited before) and fields.padding(params, meaning) for a field that is a
    /// size or 'same'. Values are int, bool, float, Size2, PaddingMode or std::optional<int>; const if the spec is
    /// const. `meaning` is a tooltip.
    LayerTraits<Spec>::fields(spec, fields);
    LayerTraits<Spec>::fields(edited, fields);

    /// Returns the shape of the output for an input that has values. Fails with a message that names what does not fit.
    { LayerTraits<Spec>::output_shape(spec, shape) } -> std::same_as<Expected<Shape>>;
    /// Returns the number of multiply-accumulates with weights from an input to an output of these shapes.
    { LayerTraits<Spec>::multiply_accumulates(spec, shape, shape) } -> std::same_as<std::uint64_t>;

    /// Returns the arrays in the order of the state dict.
    { LayerTraits<Spec>::parameters(spec) } -> std::same_as<std::vector<ParameterSpec>>;
    /// Names of arrays that the state dict contains but Convlens does not use.
    std::span<const std::string_view>(LayerTraits<Spec>::unused_arrays);
    /// without_arrays() returns the operation with null arrays; spec() is its inverse.
    { LayerTraits<Spec>::without_arrays(spec) } -> std::same_as<typename LayerTraits<Spec>::Operation>;
    { LayerTraits<Spec>::spec(operation) } -> std::same_as<Spec>;
    /// Calls arrays(name, pointer) for each array that the operation may have: std::shared_ptr<const Tensor> or
    /// SharedValues, null if parameters() does not list it.
    LayerTraits<Spec>::arrays(operation, arrays);
    LayerTraits<Spec>::arrays(made, arrays);

    /// The purpose of the layer, and what the channels of its output represent.
    { LayerTraits<Spec>::role } -> std::convertible_to<Role>;
    { LayerTraits<Spec>::channels } -> std::convertible_to<ChannelFlow>;
    /// Returns the window over an input of `size` rows and columns; nullopt if each position of the output sees one
    /// position of the input.
    { LayerTraits<Spec>::window(spec, size) } -> std::same_as<std::optional<WindowShape>>;
    /// Returns the taps of the output value at `position` for an input of shape `shape`, in row-major
    /// order of the window, like taps_of().
    { LayerTraits<Spec>::taps(operation, shape, position) } -> std::same_as<Taps>;

    /// Return Python code: the constructor, and the new y as a function of y. `layer` is the layer's name in the
    /// script.
    { LayerTraits<Spec>::torch(spec, layer) } -> std::same_as<TorchCode>;
    { LayerTraits<Spec>::numpy(spec, layer) } -> std::same_as<Expected<NumpyCode>>;

    /// `stem` is the prefix of the names of new layers. example() returns a layer to start from, whose sizes fit an
    /// input of that shape.
    { LayerTraits<Spec>::stem } -> std::convertible_to<std::string_view>;
    { LayerTraits<Spec>::example(shape) } -> std::same_as<Spec>;
    /// random() returns a random layer for tests on `input`, which it may change so that the layer can run. `exact`
    /// says whether results must be bit-identical to the reference if the arrays and the input contain small integers.
    { LayerTraits<Spec>::random(random, input) } -> std::same_as<Spec>;
    { LayerTraits<Spec>::exact } -> std::convertible_to<bool>;
} &&(StepLayer<Spec> || TermLayer<Spec>);

// ---- building blocks

/// A layer without hyper-parameters: all of its kind are equal.
template <class Spec>
struct NoFields {
    template <class S, class Visitor>
    static void fields(S& /*spec*/, Visitor& /*visit*/) {}
    static Spec example(const Shape& /*input*/) { return {}; }
    static Spec random(Random& /*random*/, Shape& /*input*/) { return {}; }
};

/// A layer without parameters: the spec is its own operation.
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

/// A layer whose operation consists of its spec and arrays.
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

/// A layer without multiply-accumulates with weights, such as ReLU or MaxPool2d.
template <class Spec>
struct NoMacs {
    static std::uint64_t multiply_accumulates(const Spec& /*spec*/, const Shape& /*input*/, const Shape& /*output*/) {
        return 0;
    }
};

/// A layer that computes each value from the value at the same position.
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

/// An elementwise function without parameters.
template <class Spec>
struct Activation : Elementwise<Spec>, NoArrays<Spec> {
    static constexpr Role role = Role::activation;
};

/// Returns the product of `factors`, or SIZE_MAX on overflow.
std::uint64_t product(std::initializer_list<std::uint64_t> factors);

/// Returns h * w.
inline std::uint64_t area(Size2 s) { return static_cast<std::uint64_t>(s.h) * static_cast<std::uint64_t>(s.w); }

/// Tooltips of hyper-parameters that several layers share.
namespace tooltip_text {

inline constexpr const char *in_channels = "C_in: number of input channels",
                            *out_channels = "C_out: number of kernels, equal to the number of output channels",
                            *kernel_size = "Height and width of the window that slides over the input",
                            *stride = "How many values the window moves from one output value to the next",
                            *padding = "Rows and columns added around the input",
                            *dilation = "Distance between neighboring taps of the window",
                            *bias = "Add a learned constant to each output",
                            *ceil_mode = "Let the last window extend past the border instead of leaving values out",
                            *output_size = "Rows and columns of the output", *channels = "Number of input channels",
                            *eps = "Added to the variance to avoid division by zero",
                            *affine = "Scale and shift each channel by learned values";

}  // namespace tooltip_text
}  // namespace convlens
