/// nn.Hardtanh.
#pragma once

#include "engine/nn/layers/pointwise.h"

namespace convlens {

/// nn.Hardtanh: x, but at least min_val and at most max_val.
struct Hardtanh {
    float min_val = -1;  ///< Smallest value of the output.
    float max_val = 1;   ///< Largest value of the output; greater than min_val.
    friend bool operator==(const Hardtanh&, const Hardtanh&) = default;
};

template <>
struct LayerTraits<Hardtanh> : Pointwise<Hardtanh> {
    static constexpr std::string_view name = "Hardtanh";
    static constexpr std::string_view stem = "hardtanh";
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("min_val", s.min_val, Hardtanh{}.min_val, "Smallest value of the output");
        visit.optional("max_val", s.max_val, Hardtanh{}.max_val, "Largest value of the output");
    }
    static Hardtanh random(Random& random, Shape& /*input*/) {
        return {static_cast<float>(random.whole(-3, -1)), static_cast<float>(random.whole(2, 3))};
    }
    static Expected<Shape> output_shape(const Hardtanh& s, const Shape& input) {
        if (!(s.min_val < s.max_val))
            return fail("min_val is {:g}: expected less than max_val, {:g}", s.min_val, s.max_val);
        return input;
    }
    template <class Real>
    static Real apply(const Hardtanh& layer, Real x) {
        return clamped<Real>(x, static_cast<Real>(layer.min_val), static_cast<Real>(layer.max_val));
    }
    static constexpr const char* glsl = "x < p ? p : x > q ? q : x";
    static std::array<float, 2> glsl_parameters(const Hardtanh& layer) { return {layer.min_val, layer.max_val}; }
    static std::string formula(const Hardtanh& layer) {
        return fmt::format("min(max(x, {:g}), {:g})", layer.min_val, layer.max_val);
    }
    static TorchCode torch(const Hardtanh& s, const std::string& /*layer*/) {
        return {"nn.Hardtanh(" + python::text(s.min_val) + ", " + python::text(s.max_val) + ")"};
    }
    static Expected<NumpyCode> numpy(const Hardtanh& s, const std::string& /*layer*/) {
        return NumpyCode{"np.clip(y, " + python::text(s.min_val) + ", " + python::text(s.max_val) + ")"};
    }
};

}  // namespace convlens
