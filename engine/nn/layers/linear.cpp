/// nn.Linear: output shape, explanation and Python code.
#include "engine/nn/layers/linear.h"

#include "engine/nn/check.h"

namespace convlens {

using Traits = LayerTraits<LinearSpec>;

Expected<Shape> Traits::output_shape(const LinearSpec& s, const Shape& input) {
    if (s.in_features < 1 || s.out_features < 1)
        return fail("features are {} in and {} out: expected 1 or more of both", s.in_features, s.out_features);
    const auto gets = features_of(input);
    if (!gets) return tl::unexpected(gets.error());
    if (*gets != s.in_features)
        return fail("Linear expects {} inputs, gets {}{}", s.in_features, *gets,
                    input.plane() > 1 ? fmt::format(": {} x {} x {}", input.c, input.h, input.w) : "");
    return Shape{input.n, s.out_features, 1, 1};
}

LinearSpec Traits::example(const Shape& input) {
    return {features_of(input).value_or(1), 10, true};  // output_shape() says why larger inputs have no Linear
}

void Traits::break_down(const Linear& layer, const Shape& /*input*/, const PixelPosition& at, Breakdown& b) {
    const auto row =
        layer.weight->values().subspan(static_cast<std::size_t>(at.channel) * b.terms.size(), b.terms.size());
    for (std::size_t i = 0; i < b.terms.size(); ++i) b.terms[i].weight = row[i];
    if (layer.bias) b.bias = (*layer.bias)[static_cast<std::size_t>(at.channel)];
    b.add_up();
}

TorchCode Traits::torch(const LinearSpec& s, const std::string& /*layer*/) {
    return {fmt::format("nn.Linear({}, {}, bias={})", s.in_features, s.out_features, python::text(s.bias)), true};
}

Expected<NumpyCode> Traits::numpy(const LinearSpec& s, const std::string& layer) {
    return NumpyCode{fmt::format("(y.reshape(len(y), -1) @ {}.T{}).reshape(len(y), -1, 1, 1)",
                                 python::array(layer, "weight"), s.bias ? " + " + python::array(layer, "bias") : "")};
}

}  // namespace convlens
