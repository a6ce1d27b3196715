/// nn.MaxPool2d: random cases, explanation and Python code.
#include "engine/nn/layers/max_pool2d.h"

#include <cmath>

namespace convlens {

using Traits = LayerTraits<MaxPool2d>;

MaxPool2d Traits::random(Random& random, Shape& /*input*/) {
    MaxPool2d p{{random.whole(1, 5), random.whole(1, 5)},
                {random.whole(1, 4), random.whole(1, 4)},
                {},
                {random.whole(1, 3), random.whole(1, 3)},
                random.coin()};
    p.padding = {random.whole(0, p.kernel_size.h / 2), random.whole(0, p.kernel_size.w / 2)};
    return p;
}

void Traits::break_down(const MaxPool2d& /*layer*/, const Shape& /*input*/, const PixelPosition& /*at*/, Breakdown& b) {
    b.rule = TermRule::maximum;
    for (std::size_t i = 0; i < b.terms.size(); ++i)
        if (!b.terms[i].padding() &&
            (b.winner < 0 || b.terms[i].value > b.terms[static_cast<std::size_t>(b.winner)].value))
            b.winner = static_cast<int>(i);
    b.add_up();
    b.total = b.winner < 0 ? -HUGE_VAL : static_cast<double>(b.terms[static_cast<std::size_t>(b.winner)].value);
}

TorchCode Traits::torch(const MaxPool2d& p, const std::string& /*layer*/) {
    using python::text;
    return {fmt::format("nn.MaxPool2d({}, stride={}, padding={}, dilation={}, ceil_mode={})", text(p.kernel_size),
                        text(p.stride), text(p.padding), text(p.dilation), text(p.ceil_mode))};
}

Expected<NumpyCode> Traits::numpy(const MaxPool2d& p, const std::string& layer) {
    static constexpr std::string_view function = R"(
def max_pool2d(x, kernel_size, stride, padding, dilation):
    x = np.pad(x, ((0, 0), (0, 0), *padding), constant_values=-np.inf)
    return windows(x, kernel_size, stride, dilation).max(axis=(4, 5))
)";
    if (p.ceil_mode) return no_numpy(layer, "ceil_mode");
    return NumpyCode{fmt::format("max_pool2d(y, {0}, stride={1}, padding=(({2}, {2}), ({3}, {3})), dilation={4})",
                                 python::pair(p.kernel_size), python::pair(p.stride), p.padding.h, p.padding.w,
                                 python::pair(p.dilation)),
                     {python::windows_function, function}};
}

}  // namespace convlens
