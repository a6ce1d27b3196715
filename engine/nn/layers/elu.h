/// nn.ELU.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.ELU: x if x > 0, otherwise alpha * (exp(x) - 1). (D. Clevert and others: Exponential Linear Units, 2015,
/// https://arxiv.org/abs/1511.07289)
struct ELU {
    float alpha = 1;  ///< Minus the limit of the output for large negative x.
    friend bool operator==(const ELU&, const ELU&) = default;
};

template <>
struct LayerTraits<ELU> : Pointwise<ELU> {
    static constexpr std::string_view name = "ELU";
    static constexpr std::string_view stem = "elu";
    static constexpr bool exact = false;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("alpha", s.alpha, ELU{}.alpha, "Minus the limit of the output for large negative values");
    }
    static ELU random(Random& random, Shape& /*input*/) { return {0.25F * static_cast<float>(random.whole(1, 8))}; }
    template <class Real>
    static Real apply(const ELU& layer, Real x) {
        return x > 0 ? x : static_cast<Real>(layer.alpha) * std::expm1(x);
    }
    static constexpr const char* glsl = "x > 0.0 ? x : p * exp_minus_one(x)";
    static std::array<float, 2> glsl_parameters(const ELU& layer) { return {layer.alpha, 0}; }
    static std::string formula(const ELU& layer) {
        return fmt::format("x if x > 0 else {:g} (exp(x) - 1)", layer.alpha);
    }
    static TorchCode torch(const ELU& s, const std::string& /*layer*/) {
        return {"nn.ELU(" + python::text(s.alpha) + ")"};
    }
    static Expected<NumpyCode> numpy(const ELU& s, const std::string& /*layer*/) {
        return NumpyCode{"np.where(y > 0, y, " + python::text(s.alpha) + " * np.expm1(np.minimum(y, 0)))"};
    }
};

}  // namespace convlens
