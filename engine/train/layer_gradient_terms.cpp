/// The windows of pooling and resampling layers.
#include <algorithm>

#include "engine/core/overloaded.h"
#include "engine/train/layer_gradient.h"

namespace convlens {

LayerGradient::LayerGradient(const OperationSpec& spec, const Shape& in)
    : spec_(spec), in_{1, in.c, in.h, in.w}, out_(output_shape(spec, in_).value()) {
    const auto for_outputs = [&](const auto& add) {
        for (int y = 0; y < out_.h; ++y)
            for (int x = 0; x < out_.w; ++x) {
                add(PixelPosition{0, y, x});
                windows_.ends.push_back(windows_.indices.size());
            }
    };
    const auto add_index = [&](int row, int column) {
        windows_.indices.push_back(static_cast<std::ptrdiff_t>(row) * in_.w + column);
    };
    const auto pool = [&](const auto& layer, const auto& divisor) {
        for_outputs([&](const PixelPosition& at) {
            const Taps taps = LayerTraits<std::decay_t<decltype(layer)>>::taps(layer, in_, at);
            for (const int v : taps.rows)
                for (const int u : taps.columns)
                    if (v >= 0 && u >= 0) add_index(v, u);
            windows_.factors.push_back(1.0F / static_cast<float>(divisor(taps, at)));
        });
    };
    const auto largest = [&](const auto& layer) { pool(layer, [](const Taps&, const PixelPosition&) { return 1; }); };
    const auto inside = [](const std::vector<int>& taps) {
        return std::ranges::count_if(taps, [](int i) { return i >= 0; });
    };
    const auto add_weighted = [&](int row, int column, double weight) {
        if (row < 0 || column < 0 || weight == 0) return;
        add_index(row, column);
        windows_.factors.push_back(static_cast<float>(weight));
    };
    std::visit(
        Overloaded{[&](const MaxPool2d& p) { largest(p); }, [&](const AdaptiveMaxPool2d& p) { largest(p); },
                   [&](const AdaptiveAvgPool2d& p) {
                       pool(p, [](const Taps& t, const PixelPosition&) { return t.rows.size() * t.columns.size(); });
                   },
                   [&](const AvgPool2d& p) {
                       pool(p, [&](const Taps& t, const PixelPosition& at) {
                           Breakdown b;  // of the terms that are not padding
                           b.channels = 1, b.window = {1, static_cast<int>(inside(t.rows) * inside(t.columns))};
                           b.terms.resize(static_cast<std::size_t>(b.window.w));
                           LayerTraits<AvgPool2d>::break_down(p, in_, at, b);
                           return b.divisor;
                       });
                   },
                   [&]<PaddingMode mode>(const Pad2d<mode>& p) {
                       for_outputs([&](const PixelPosition& at) {
                           const Taps taps = LayerTraits<Pad2d<mode>>::taps(p, in_, at);
                           add_weighted(taps.rows.front(), taps.columns.front(), 1);
                       });
                   },
                   [&](const Upsample& p) {
                       for_outputs([&](const PixelPosition& at) {
                           const UpsampleSource v = upsample_source(p, at.y, in_.h, p.scale_factor.h),
                                                u = upsample_source(p, at.x, in_.w, p.scale_factor.w);
                           add_weighted(v.first, u.first, (1 - v.part) * (1 - u.part));
                           add_weighted(v.first, u.second, (1 - v.part) * u.part);
                           add_weighted(v.second, u.first, v.part * (1 - u.part));
                           add_weighted(v.second, u.second, v.part * u.part);
                       });
                   },
                   [](const auto&) {}},
        spec_);
}

}  // namespace convlens
