/// nn.Dropout.
#pragma once

#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.Dropout in evaluation mode: the output is equal to the input.
struct Dropout {
    float p = 0.5F;  ///< Probability with which training sets a value to zero; has no effect in evaluation mode.
    friend bool operator==(const Dropout&, const Dropout&) = default;
};

template <>
struct LayerTraits<Dropout> : Elementwise<Dropout>, NoArrays<Dropout> {
    static constexpr std::string_view name = "Dropout";
    static constexpr Role role = Role::passage;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("p", s.p, Dropout{}.p,
                       "Fraction of the values that training sets to zero; has no effect in evaluation mode");
    }
    static constexpr std::string_view stem = "dropout";
    static Dropout example(const Shape& /*input*/) { return {}; }
    static Dropout random(Random& /*random*/, Shape& /*input*/) { return {}; }
    static constexpr bool exact = true;
    static Expected<Step> step(const Dropout& /*layer*/, double x, const PixelPosition& /*at*/,
                               const LayerInput& /*input*/) {
        return Step{"x (dropout has no effect in evaluation mode)", x};
    }
    static TorchCode torch(const Dropout& s, const std::string& /*layer*/) {
        return {"nn.Dropout(" + python::text(s.p) + ")"};
    }
    static Expected<NumpyCode> numpy(const Dropout& /*spec*/, const std::string& /*layer*/) { return NumpyCode{"y"}; }
};

}  // namespace convlens
