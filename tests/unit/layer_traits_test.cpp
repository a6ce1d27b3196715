/// engine/nn/layer_traits.h: what is left out of a layer's traits is found by the compiler.
#include "engine/nn/layer_traits.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/nn/layer_fields.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

/// -x: a layer that has all traits but number `missing`.
template <int missing>
struct Negation {
    friend bool operator==(const Negation&, const Negation&) = default;
};

struct Name {
    static constexpr std::string_view name = "Negation";
};
struct Stem {
    static constexpr std::string_view stem = "negation";
};
struct ItsRole {
    static constexpr Role role = Role::activation;
};
struct TraitChannels {
    static constexpr ChannelFlow channels = ChannelFlow::same;
};
struct Exact {
    static constexpr bool exact = true;
};
struct UnusedArrays {
    static constexpr std::array<std::string_view, 0> unused_arrays{};
};
template <int piece>
struct Nothing {};
template <int missing, int piece, class Piece>
using Unless = std::conditional_t<missing == piece, Nothing<piece>, Piece>;

constexpr int pieces = 21;

}  // namespace

template <int missing>
struct LayerTraits<Negation<missing>> : Unless<missing, 1, Name>,
                                        Unless<missing, 2, Stem>,
                                        Unless<missing, 3, ItsRole>,
                                        Unless<missing, 4, TraitChannels>,
                                        Unless<missing, 5, Exact>,
                                        Unless<missing, 6, UnusedArrays> {
    using Layer = Negation<missing>;
    using Operation = Layer;
    template <class Spec, class Visitor>
    static void fields(Spec&, Visitor&) requires(missing != 7) {}
    static Layer example(const Shape&) requires(missing != 8) { return {}; }
    static Layer random(Random&, Shape&) requires(missing != 9) { return {}; }
    static Expected<Shape> output_shape(const Layer&, const Shape& input) requires(missing != 10) { return input; }
    static std::uint64_t multiply_accumulates(const Layer&, const Shape&, const Shape&) requires(missing != 11) {
        return 0;
    }
    static std::vector<ParameterSpec> parameters(const Layer&) requires(missing != 12) { return {}; }
    static Layer without_arrays(const Layer& spec) requires(missing != 13) { return spec; }
    static Layer spec(const Layer& operation) requires(missing != 14) { return operation; }
    template <class Any, class Visitor>
    static void arrays(Any&, Visitor&) requires(missing != 15) {}
    static std::optional<WindowShape> window(const Layer&, Size2) requires(missing != 16) { return std::nullopt; }
    static Taps taps(const Layer&, const Shape&, const PixelPosition& at) requires(missing != 17) { return tap_at(at); }
    static PixelPosition origin(const Layer&, const Shape&, const PixelPosition& at) requires(missing != 18) {
        return at;
    }
    static Expected<Step> step(const Layer&, double x, const PixelPosition&,
                               const LayerInput&) requires(missing != 19) {
        return Step{"-x", -x};
    }
    static TorchCode torch(const Layer&, const std::string&) requires(missing != 20) { return {"Negation()"}; }
    static Expected<NumpyCode> numpy(const Layer&, const std::string&) requires(missing != 21) {
        return NumpyCode{"-y"};
    }
};

namespace {

template <int... piece>
constexpr int described_without_one(std::integer_sequence<int, piece...>) {
    return (0 + ... + DescribedLayer<Negation<piece + 1>>);
}

static_assert(DescribedLayer<Negation<0>>);
static_assert(described_without_one(std::make_integer_sequence<int, pieces>()) == 0, "a piece may be left out");
static_assert(!DescribedLayer<int> && !DescribedLayer<BatchNorm2d>, "these have no traits at all");

/// The names of fields.
struct Names {
    std::vector<std::string> required_names, optional_names;
    void required(const char* name, const auto& /*value*/) { required_names.push_back(name); }
    void optional(const char* name, const auto& /*value*/, const auto& /*standard*/) { optional_names.push_back(name); }
    void padding(const ConvParams& /*params*/) { optional_names.push_back("padding"); }
};

TEST(LayerTraits, NameEveryKindOfLayerDifferently) {
    std::set<std::string_view> types, stems;
    for (const std::string_view type : layer_types()) {
        const auto spec = spec_of_type(type);
        ASSERT_TRUE(spec) << type;
        EXPECT_EQ(type_name(*spec), type);
        EXPECT_TRUE(types.insert(type).second) << type;
        EXPECT_TRUE(stems.insert(name_stem(*spec)).second) << name_stem(*spec);
    }
    EXPECT_EQ(types.size(), std::variant_size_v<OperationSpec>);
    EXPECT_FALSE(spec_of_type("Conv3d"));
}

TEST(LayerTraits, GiveExamplesThatRun) {
    const Shape input{2, 6, 11, 9};
    for (const std::string_view type : layer_types()) {
        const OperationSpec spec = example_of(*spec_of_type(type), input);
        EXPECT_EQ(type_name(spec), type);
        const auto output = output_shape(spec, input);
        EXPECT_TRUE(output) << type << ": " << (output ? "" : output.error().message);
    }
}

TEST(LayerTraits, GiveExamplesForInputsOfMoreValuesThanAnIntCounts) {
    const Shape input{1, 64, 8192, 8192};
    for (const std::string_view type : layer_types()) {
        const OperationSpec spec = example_of(*spec_of_type(type), input);
        const auto output = output_shape(spec, input);
        if (const auto* linear = std::get_if<LinearSpec>(&spec)) {
            EXPECT_GE(linear->in_features, 1);
            ASSERT_FALSE(output);
            EXPECT_EQ(output.error().message, "the input is 1x64x8192x8192: too many values to flatten");
        }
    }
}

TEST(LayerTraits, JoinEveryArrayThatTheyList) {
    for (const std::string_view type : layer_types()) {
        const LayerSpec layer{"x", example_of(*spec_of_type(type), {1, 6, 11, 9})};
        const auto made = with_parameters(layer, initial_parameters(layer, 1));
        ASSERT_TRUE(made) << type;
        EXPECT_EQ(spec_of(made->operation), layer.operation) << type;
        std::set<std::string> listed, joined;
        for (const ParameterSpec& p : parameters_of(layer.operation)) listed.insert(p.name);
        visit_arrays(made->operation, [&](const char* name, const auto& array) {
            if (array) joined.insert(name);
        });
        EXPECT_EQ(joined, listed) << type;
        for (const std::string_view unused : unused_arrays_of(layer.operation))
            EXPECT_FALSE(listed.contains(std::string(unused))) << type;
    }
}

TEST(LayerTraits, NameHyperParametersInTheOrderOfTorchNn) {
    Names names;
    const Conv2dSpec spec;
    visit_fields(spec, names);
    EXPECT_EQ(names.required_names, (std::vector<std::string>{"in_channels", "out_channels", "kernel_size"}));
    EXPECT_EQ(names.optional_names,
              (std::vector<std::string>{"stride", "padding", "dilation", "groups", "bias", "padding_mode", "flip"}));
}

}  // namespace
}  // namespace convlens
