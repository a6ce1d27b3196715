/// nn.AdaptiveAvgPool2d: its bins, which may differ in size, and its NumPy code.
#include "engine/nn/layers/adaptive_avg_pool2d.h"

#include <cstdint>
#include <numeric>

namespace convlens {

using Traits = LayerTraits<AdaptiveAvgPool2d>;

namespace {

/// Returns the number of rows (or columns) of the largest bin. With input = q * output + r, bin i has
///   q + ceil((i + 1) r / output) - floor(i r / output)
/// rows. For the largest bin this is q if r = 0, q + 1 if r divides output, and q + 2 otherwise.
int largest_bin(int input, int output) {
    const int rest = input % output;
    return input / output + (rest == 0 ? 0 : output % rest == 0 ? 1 : 2);
}

/// Returns the indices of the values in bin `index` if `size` values are divided into `bins` bins.
std::vector<int> bin(int index, int bins, int size) {
    const auto at = [&](std::int64_t i) { return i * size / bins; };
    const int first = static_cast<int>(at(index)),
              end = static_cast<int>((static_cast<std::int64_t>(index + 1) * size + bins - 1) / bins);
    std::vector<int> all(static_cast<std::size_t>(end - first));
    std::iota(all.begin(), all.end(), first);
    return all;
}

}  // namespace

std::optional<WindowShape> Traits::window(const AdaptiveAvgPool2d& p, Size2 in) {
    const Size2 out = p.output_size;
    return WindowShape{.kernel_size = {largest_bin(in.h, out.h), largest_bin(in.w, out.w)},
                       .stride = {(in.h + out.h - 1) / out.h, (in.w + out.w - 1) / out.w},
                       .slides = false};
}

Taps Traits::taps(const AdaptiveAvgPool2d& p, const Shape& input, const PixelPosition& at) {
    return {at.channel, 1, bin(at.y, p.output_size.h, input.h), bin(at.x, p.output_size.w, input.w)};
}

Expected<NumpyCode> Traits::numpy(const AdaptiveAvgPool2d& p, const std::string& /*layer*/) {
    static constexpr std::string_view function = R"(
def adaptive_avg_pool2d(x, output_size):
    (h, w), (oh, ow) = x.shape[2:], output_size
    rows = [(i * h // oh, -(-(i + 1) * h // oh)) for i in range(oh)]
    columns = [(i * w // ow, -(-(i + 1) * w // ow)) for i in range(ow)]
    return np.stack([np.stack([x[:, :, a:b, c:d].mean(axis=(2, 3)) for c, d in columns], axis=2) for a, b in rows], axis=2)
)";
    return NumpyCode{"adaptive_avg_pool2d(y, " + python::pair(p.output_size) + ")", {function}};
}

}  // namespace convlens
