/// nn.AdaptiveAvgPool2d.
#pragma once

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.AdaptiveAvgPool2d: the mean over bins that together cover the input. The bin of output row y has the input rows
/// floor(y H / OH) to ceil((y+1) H / OH) - 1, likewise for columns.
struct AdaptiveAvgPool2d {
    Size2 output_size{1, 1};
    friend bool operator==(const AdaptiveAvgPool2d&, const AdaptiveAvgPool2d&) = default;
};

template <>
struct LayerTraits<AdaptiveAvgPool2d> : NoArrays<AdaptiveAvgPool2d>, NoMacs<AdaptiveAvgPool2d> {
    static constexpr std::string_view name = "AdaptiveAvgPool2d";
    static constexpr Role role = Role::passage;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("output_size", s.output_size, tooltip_text::output_size);
    }
    static Expected<Shape> output_shape(const AdaptiveAvgPool2d& p, const Shape& input) {
        if (auto ok = check_pair("output_size", p.output_size, 1); !ok) return tl::unexpected(ok.error());
        return check_size({input.n, input.c, p.output_size.h, p.output_size.w});
    }
    static std::optional<WindowShape> window(const AdaptiveAvgPool2d& p, Size2 input);
    static Taps taps(const AdaptiveAvgPool2d& p, const Shape& input, const PixelPosition& at);
    static constexpr std::string_view stem = "adaptivepool";
    static AdaptiveAvgPool2d example(const Shape& /*input*/) { return {}; }
    static AdaptiveAvgPool2d random(Random& random, Shape& /*input*/) {
        return {{random.whole(1, 9), random.whole(1, 9)}};
    }
    static constexpr bool exact = false;
    static void break_down(const AdaptiveAvgPool2d& /*layer*/, const Shape& /*input*/, const PixelPosition& /*at*/,
                           Breakdown& b) {
        b.make_mean(static_cast<int>(b.terms.size()));
    }
    static TorchCode torch(const AdaptiveAvgPool2d& p, const std::string& /*layer*/) {
        return {"nn.AdaptiveAvgPool2d(" + python::text(p.output_size) + ")"};
    }
    static Expected<NumpyCode> numpy(const AdaptiveAvgPool2d& p, const std::string& layer);
};

}  // namespace convlens
