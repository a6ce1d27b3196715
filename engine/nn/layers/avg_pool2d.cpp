/// nn.AvgPool2d: random cases, explanation and Python code.
#include "engine/nn/layers/avg_pool2d.h"

#include <algorithm>

namespace convlens {

using Traits = LayerTraits<AvgPool2d>;

AvgPool2d Traits::random(Random& random, Shape& /*input*/) {
    AvgPool2d p{{random.whole(1, 5), random.whole(1, 5)},
                {random.whole(1, 4), random.whole(1, 4)},
                {},
                random.coin(),
                random.coin(),
                {}};
    p.padding = {random.whole(0, p.kernel_size.h / 2), random.whole(0, p.kernel_size.w / 2)};
    if (random.whole(0, 3) == 0) p.divisor_override = random.whole(1, 9);
    return p;
}

/// If count_include_pad, the divisor counts the positions of the window that lie in the input or its padding, but not
/// those beyond the padding, to which a window with ceil_mode may extend (as in PyTorch).
void Traits::break_down(const AvgPool2d& p, const Shape& in, const PixelPosition& at, Breakdown& b) {
    const int first_y = at.y * p.stride.h - p.padding.h, first_x = at.x * p.stride.w - p.padding.w;
    const int rows = std::min(first_y + p.kernel_size.h, in.h + p.padding.h) - first_y,
              columns = std::min(first_x + p.kernel_size.w, in.w + p.padding.w) - first_x;
    const auto inside = std::count_if(b.terms.begin(), b.terms.end(), [](const Term& t) { return !t.padding(); });
    b.make_mean(p.divisor_override.value_or(p.count_include_pad ? rows * columns : static_cast<int>(inside)));
}

TorchCode Traits::torch(const AvgPool2d& p, const std::string& /*layer*/) {
    using python::text;
    return {
        fmt::format("nn.AvgPool2d({}, stride={}, padding={}, ceil_mode={}, count_include_pad={}, divisor_override={})",
                    text(p.kernel_size), text(p.stride), text(p.padding), text(p.ceil_mode), text(p.count_include_pad),
                    p.divisor_override ? text(*p.divisor_override) : "None")};
}

Expected<NumpyCode> Traits::numpy(const AvgPool2d& p, const std::string& layer) {
    if (p.ceil_mode || p.divisor_override || p.padding != Size2{0, 0})
        return no_numpy(layer, "padding, ceil_mode or divisor_override");
    return NumpyCode{
        fmt::format("windows(y, {}, {}).mean(axis=(4, 5))", python::pair(p.kernel_size), python::pair(p.stride)),
        {python::windows_function}};
}

}  // namespace convlens
