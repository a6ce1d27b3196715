/// What every kind of layer says of itself: LayerTraits, and DescribedLayer, which checks that nothing is left out.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
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

/// All that there is to know of one kind of layer but its reference formula and its loops: specialized for its spec in
/// its file of engine/nn/layers/. Nothing is answered for a layer that does not say it: what several have in common
/// they take from the building blocks below, by name.
template <class Spec>
struct LayerTraits;

/// What channel c of a layer's output is.
enum class ChannelFlow {
    same,   ///< Channel c of its input, changed: both stand for the same feature.
    mixed,  ///< Made of several channels.
    flat,   ///< One value of its input: number c of all values of an item.
};

/// What a layer is there for.
enum class Role {
    weights,        ///< Finds features: sums of products with what was learned.
    activation,     ///< Bends values.
    pooling,        ///< Makes maps smaller.
    normalization,  ///< Brings values to one scale.
    passage,        ///< Hands features on as the next layer wants them, and says nothing new.
};

/// Visitors of the functions that are templates, for the checks only.
struct FieldVisitor {
    template <class Value>
    void required(const char* name, Value& value, const char* meaning);
    template <class Value, class Standard>
    void optional(const char* name, Value& value, const Standard& default_value, const char* meaning);
};
struct ArrayVisitor {
    template <class Pointer>
    void operator()(const char* name, Pointer& array);
};

/// A layer that changes each value by itself, so that it is a step of what the layers before it have made.
template <class Spec>
concept StepLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, const LayerInput& input, double x) {
    /// The value of the input, of shape `shape`, that becomes the one at `position`.
    { LayerTraits<Spec>::origin(operation, shape, position) } -> std::same_as<PixelPosition>;
    /// What it makes of x, which is that value of `input`, at `position` of its output.
    { LayerTraits<Spec>::step(operation, x, position, input) } -> std::same_as<Expected<Step>>;
};

/// A layer that makes a value of the values at its taps.
template <class Spec>
concept TermLayer = requires(const typename LayerTraits<Spec>::Operation& operation, const Shape& shape,
                             const PixelPosition& position, Breakdown& breakdown) {
    /// Completes the breakdown of the value at `position` for an input of `shape`: terms have all but weights and
    /// products.
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
    /// The class of torch.nn, which is also its type in a network file.
    { LayerTraits<Spec>::name } -> std::convertible_to<std::string_view>;
    /// Calls, in the order of torch.nn's constructor, fields.required(name, value, meaning) for what has no default,
    /// fields.optional(name, value, standard, meaning) for what has one (a pool's standard stride is its kernel_size,
    /// which is visited before) and fields.padding(params, meaning) for what is a size or 'same'. Values are int, bool,
    /// float, Size2, PaddingMode or std::optional<int>; const where the spec is. `meaning` is a tooltip.
    LayerTraits<Spec>::fields(spec, fields);
    LayerTraits<Spec>::fields(edited, fields);

    /// The shape of the output for an input that has values. Fails in a sentence that names what does not fit.
    { LayerTraits<Spec>::output_shape(spec, shape) } -> std::same_as<Expected<Shape>>;
    /// Multiplications of weights, each with an addition, from an input to an output of these shapes.
    { LayerTraits<Spec>::multiply_accumulates(spec, shape, shape) } -> std::same_as<std::size_t>;

    /// The arrays in state_dict's order.
    { LayerTraits<Spec>::parameters(spec) } -> std::same_as<std::vector<ParameterSpec>>;
    /// Names of arrays that state_dict has besides and that nobody needs.
    std::span<const std::string_view>(LayerTraits<Spec>::unused_arrays);
    /// The operation whose arrays are still null, and its way back.
    { LayerTraits<Spec>::without_arrays(spec) } -> std::same_as<typename LayerTraits<Spec>::Operation>;
    { LayerTraits<Spec>::spec(operation) } -> std::same_as<Spec>;
    /// Calls arrays(name, pointer) for each array that the operation may have: std::shared_ptr<const Tensor> or
    /// SharedValues, null where parameters() does not list it.
    LayerTraits<Spec>::arrays(operation, arrays);
    LayerTraits<Spec>::arrays(made, arrays);

    /// What it is there for, and what the channels of its output are.
    { LayerTraits<Spec>::role } -> std::convertible_to<Role>;
    { LayerTraits<Spec>::channels } -> std::convertible_to<ChannelFlow>;
    /// The window over an input of `size` rows and columns; none where each place of the output sees one of the input.
    { LayerTraits<Spec>::window(spec, size) } -> std::same_as<std::optional<WindowShape>>;
    /// All values of an input of that shape that count for the value at `position`, in the order of the kernel as it is
    /// applied: a flipped kernel's taps are those of the kernel turned round.
    { LayerTraits<Spec>::taps(operation, shape, position) } -> std::same_as<Taps>;

    /// Python: its constructor, and y of y. `layer` is its name in the script.
    { LayerTraits<Spec>::torch(spec, layer) } -> std::same_as<TorchCode>;
    { LayerTraits<Spec>::numpy(spec, layer) } -> std::same_as<Expected<NumpyCode>>;

    /// What the names of new layers begin with, and a layer to go on from, of sizes that fit an input of that shape.
    { LayerTraits<Spec>::stem } -> std::convertible_to<std::string_view>;
    { LayerTraits<Spec>::example(shape) } -> std::same_as<Spec>;
    /// A layer to be tried on `input`, which may be changed for it, and whether small whole numbers in its arrays and
    /// in its input must come out to the bit.
    { LayerTraits<Spec>::random(random, input) } -> std::same_as<Spec>;
    { LayerTraits<Spec>::exact } -> std::convertible_to<bool>;
} &&(StepLayer<Spec> || TermLayer<Spec>);

// ---- building blocks

/// A layer without hyper-parameters: there is but one of it.
template <class Spec>
struct NoFields {
    template <class S, class Visitor>
    static void fields(S& /*spec*/, Visitor& /*visit*/) {}
    static Spec example(const Shape& /*input*/) { return {}; }
    static Spec random(Random& /*random*/, Shape& /*input*/) { return {}; }
};

/// A layer that learns nothing: it is its own operation.
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

/// A layer whose operation is its spec and arrays.
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

/// A layer that adds up no products with weights.
template <class Spec>
struct NoProducts {
    static std::size_t multiply_accumulates(const Spec& /*spec*/, const Shape& /*input*/, const Shape& /*output*/) {
        return 0;
    }
};

/// A layer that makes each value of the one at the same place.
template <class Spec, class Operation = Spec>
struct Elementwise : NoProducts<Spec> {
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

/// A function of each value, without anything learned.
template <class Spec>
struct Activation : Elementwise<Spec>, NoArrays<Spec> {
    static constexpr Role role = Role::activation;
};

/// The product of sizes; the largest size_t where it does not fit.
std::size_t product(std::initializer_list<std::size_t> factors);

/// h * w.
inline std::size_t area(Size2 s) { return static_cast<std::size_t>(s.h) * static_cast<std::size_t>(s.w); }

/// Tooltips of hyper-parameters that several layers have.
namespace meaning {

inline constexpr const char *in_channels = "C_in: channels that the layer expects",
                            *out_channels = "C_out: the number of kernels, and so of output channels",
                            *kernel_size = "Height and width of the window that slides over the input",
                            *stride = "How many values the window moves from one output value to the next",
                            *padding = "Rows and columns added round the input",
                            *dilation = "Distance between neighboring taps of the window",
                            *bias = "Add a learned constant to each output",
                            *ceil_mode = "Let a last window reach over the border instead of leaving values out",
                            *output_size = "Rows and columns of the output",
                            *channels = "Channels that the layer expects",
                            *eps = "Added to the variance so that nothing is divided by zero",
                            *affine = "Scale and shift each channel by learned numbers";

}  // namespace meaning
}  // namespace convlens
