/// nn.Upsample: which values an output value is computed from, explanation and Python code.
#include "engine/nn/layers/upsample.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/named.h"

namespace convlens {

using Traits = LayerTraits<Upsample>;

namespace {

constexpr std::array<std::string_view, 2> mode_names{"nearest", "bilinear"};

}  // namespace

std::span<const std::string_view> upsample_mode_names() { return mode_names; }
std::string_view to_string(UpsampleMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }
std::optional<UpsampleMode> upsample_mode_from(std::string_view name) { return named<UpsampleMode>(mode_names, name); }

/// The formulas of PyTorch's aten/src/ATen/native/UpSample.h.
UpsampleSource upsample_source(const Upsample& layer, int i, int size, int factor) {
    if (layer.mode == UpsampleMode::nearest) return {i / factor, i / factor, 0};
    const int outputs = size * factor;
    double place = 0;
    if (!layer.align_corners)
        place = std::max((i + 0.5) / factor - 0.5, 0.0);
    else if (outputs > 1)
        place = static_cast<double>(i) * (size - 1) / (outputs - 1);
    const int first = std::min(static_cast<int>(place), size - 1);
    return {first, std::min(first + 1, size - 1), place - first};
}

Taps Traits::taps(const Upsample& p, const Shape& input, const PixelPosition& at) {
    const auto rows = upsample_source(p, at.y, input.h, p.scale_factor.h),
               columns = upsample_source(p, at.x, input.w, p.scale_factor.w);
    if (p.mode == UpsampleMode::nearest) return {at.channel, 1, {rows.first}, {columns.first}};
    return {at.channel, 1, {rows.first, rows.second}, {columns.first, columns.second}};
}

void Traits::break_down(const Upsample& p, const Shape& input, const PixelPosition& at, Breakdown& b) {
    const double y = upsample_source(p, at.y, input.h, p.scale_factor.h).part,
                 x = upsample_source(p, at.x, input.w, p.scale_factor.w).part;
    for (Term& t : b.terms) t.weight = static_cast<float>((t.ky == 0 ? 1 - y : y) * (t.kx == 0 ? 1 - x : x));
    b.add_up();
}

TorchCode Traits::torch(const Upsample& p, const std::string& /*layer*/) {
    return {fmt::format("nn.Upsample(scale_factor={}, mode=\"{}\"{})", python::text(p.scale_factor), to_string(p.mode),
                        p.mode == UpsampleMode::nearest ? "" : ", align_corners=" + python::text(p.align_corners))};
}

Expected<NumpyCode> Traits::numpy(const Upsample& p, const std::string& /*layer*/) {
    if (p.mode == UpsampleMode::nearest)
        return NumpyCode{fmt::format("y.repeat({}, axis=2).repeat({}, axis=3)", p.scale_factor.h, p.scale_factor.w)};
    static constexpr std::string_view function = R"(
def upsample_bilinear(x, factors, align_corners):
    for axis, factor in zip((2, 3), factors):
        size = x.shape[axis]
        i = np.arange(size * factor)
        place = i * (size - 1) / max(size * factor - 1, 1) if align_corners else np.maximum((i + 0.5) / factor - 0.5, 0)
        first = place.astype(int)
        part = (place - first).reshape([-1 if a == axis else 1 for a in range(4)])
        x = x.take(first, axis) * (1 - part) + x.take(np.minimum(first + 1, size - 1), axis) * part
    return x
)";
    return NumpyCode{
        fmt::format("upsample_bilinear(y, {}, {})", python::pair(p.scale_factor), python::text(p.align_corners)),
        {function}};
}

}  // namespace convlens
