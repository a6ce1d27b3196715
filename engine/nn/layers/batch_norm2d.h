/// nn.BatchNorm2d.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.BatchNorm2d in evaluation mode: (x - running_mean) / sqrt(running_var + eps) * weight + bias. Each of these four
/// arrays has one value per channel.
struct BatchNorm2dSpec {
    int num_features = 1;  ///< Number of channels.
    float eps = 1e-5F;     ///< At least 0.
    bool affine = true;    ///< Whether the layer has weight and bias.
    friend bool operator==(const BatchNorm2dSpec&, const BatchNorm2dSpec&) = default;
};

/// A BatchNorm2d layer with its arrays of num_features values each.
struct BatchNorm2d {
    BatchNorm2dSpec spec;
    SharedValues weight, bias;  ///< Null unless spec.affine; a null weight means 1 and a null bias means 0.
    SharedValues running_mean, running_var;
    friend bool operator==(const BatchNorm2d&, const BatchNorm2d&) = default;
};

template <>
struct LayerTraits<BatchNorm2dSpec> : Elementwise<BatchNorm2dSpec, BatchNorm2d>,
                                      SpecAndArrays<BatchNorm2dSpec, BatchNorm2d> {
    static constexpr std::string_view name = "BatchNorm2d";
    static constexpr Role role = Role::normalization;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("num_features", s.num_features, tooltip_text::channels);
        visit.optional("eps", s.eps, BatchNorm2dSpec{}.eps, tooltip_text::eps);
        visit.optional("affine", s.affine, true, tooltip_text::affine);
    }
    static Expected<Shape> output_shape(const BatchNorm2dSpec& s, const Shape& input);

    static constexpr std::array<std::string_view, 1> unused_arrays{"num_batches_tracked"};
    static std::vector<ParameterSpec> parameters(const BatchNorm2dSpec& s);
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
        visit("running_mean", layer.running_mean);
        visit("running_var", layer.running_var);
    }
    static constexpr std::string_view stem = "bn";
    static BatchNorm2dSpec example(const Shape& input) { return {input.c, 1e-5F, true}; }
    static BatchNorm2dSpec random(Random& random, Shape& input) { return {input.c, 1e-5F, random.coin()}; }
    static constexpr bool exact = false;
    static Expected<Step> step(const BatchNorm2d& layer, double x, const PixelPosition& at, const LayerInput& input);
    static TorchCode torch(const BatchNorm2dSpec& s, const std::string& layer);
    static Expected<NumpyCode> numpy(const BatchNorm2dSpec& s, const std::string& layer);
};

}  // namespace convlens
