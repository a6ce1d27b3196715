/// nn.LeakyReLU.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.LeakyReLU: x if x >= 0, otherwise negative_slope * x.
struct LeakyReLU {
    float negative_slope = 0.01F;
    friend bool operator==(const LeakyReLU&, const LeakyReLU&) = default;
};

template <>
struct LayerTraits<LeakyReLU> : Activation<LeakyReLU> {
    static constexpr std::string_view name = "LeakyReLU";
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("negative_slope", s.negative_slope, LeakyReLU{}.negative_slope, "Factor for negative values");
    }
    static constexpr std::string_view stem = "leakyrelu";
    static LeakyReLU example(const Shape& /*input*/) { return {}; }
    static LeakyReLU random(Random& /*random*/, Shape& /*input*/) { return {0.25F}; }
    static constexpr bool exact = true;
    static Expected<Step> step(const LeakyReLU& layer, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{fmt::format("x if x > 0 else {:g} x", layer.negative_slope),
                    x > 0 ? x : x * static_cast<double>(layer.negative_slope)};
    }
    static TorchCode torch(const LeakyReLU& s, const std::string& /*layer*/) {
        return {"nn.LeakyReLU(" + python::text(s.negative_slope) + ")"};
    }
    static Expected<NumpyCode> numpy(const LeakyReLU& s, const std::string& /*layer*/) {
        return NumpyCode{"np.where(y < 0, " + python::text(s.negative_slope) + " * y, y)"};
    }
};

}  // namespace convlens
