/// nn.Upsample.
#pragma once

#include <span>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// How values between those of the input are computed, as `mode` of nn.Upsample.
enum class UpsampleMode { nearest, bilinear };

/// Returns the names of the enumerators, in their order.
std::span<const std::string_view> upsample_mode_names();
/// Returns the name of `mode`: "nearest".
std::string_view to_string(UpsampleMode mode);
/// Returns the enumerator with that name; nullopt if there is none.
std::optional<UpsampleMode> upsample_mode_from(std::string_view name);

/// nn.Upsample with whole factors: scale_factor.h times as many rows and scale_factor.w times as many columns.
/// https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html
struct Upsample {
    Size2 scale_factor{2, 2};  ///< At least 1.
    UpsampleMode mode = UpsampleMode::nearest;
    /// Only for bilinear: whether the first and last values of input and output are at the same places, instead of the
    /// edges of these values.
    bool align_corners = false;
    friend bool operator==(const Upsample&, const Upsample&) = default;
};

/// The two input values along one axis between which an output value is: it is value[first] * (1 - part) +
/// value[second] * part. For UpsampleMode::nearest, first = second and part = 0.
struct UpsampleSource {
    int first = 0, second = 0;
    double part = 0;
};
/// Returns the source of output index i along an axis with `size` input values and the scale factor `factor`.
UpsampleSource upsample_source(const Upsample& layer, int i, int size, int factor);

template <>
struct LayerTraits<Upsample> : NoArrays<Upsample>, NoMacs<Upsample> {
    static constexpr std::string_view name = "Upsample", stem = "upsample";
    static constexpr Role role = Role::passage;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    static constexpr bool exact = false;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("scale_factor", s.scale_factor, "Number of output rows for each input row, and of columns");
        visit.optional("mode", s.mode, Upsample{}.mode,
                       "nearest repeats values, bilinear interpolates between neighboring ones");
        visit.optional("align_corners", s.align_corners, false,
                       "For bilinear: keep the values at the corners instead of the edges of the image");
    }
    static Expected<Shape> output_shape(const Upsample& p, const Shape& input) {
        if (auto ok = check_pair("scale_factor", p.scale_factor, 1); !ok) return tl::unexpected(ok.error());
        if (p.align_corners && p.mode == UpsampleMode::nearest) return fail("align_corners needs the mode bilinear");
        constexpr int most = 1 << 28;
        if (std::int64_t{input.h} * p.scale_factor.h > most || std::int64_t{input.w} * p.scale_factor.w > most)
            return fail("scale_factor is {}: the output would have more than {} rows or columns",
                        to_string(p.scale_factor), most);
        return check_size({input.n, input.c, input.h * p.scale_factor.h, input.w * p.scale_factor.w});
    }
    static std::optional<WindowShape> window(const Upsample& p, Size2 input) {
        const Size2 two{std::min(input.h, 2), std::min(input.w, 2)};
        return WindowShape{.kernel_size = p.mode == UpsampleMode::nearest ? Size2{1, 1} : two, .slides = false};
    }
    static Taps taps(const Upsample& p, const Shape& input, const PixelPosition& at);
    static Upsample example(const Shape& /*input*/) { return {}; }
    static Upsample random(Random& random, Shape& /*input*/) {
        Upsample p{{random.whole(1, 4), random.whole(1, 4)}, static_cast<UpsampleMode>(random.whole(0, 1)), false};
        p.align_corners = p.mode == UpsampleMode::bilinear && random.coin();
        return p;
    }
    static void break_down(const Upsample& p, const Shape& input, const PixelPosition& at, Breakdown& b);
    static TorchCode torch(const Upsample& p, const std::string& layer);
    static Expected<NumpyCode> numpy(const Upsample& p, const std::string& layer);
};

}  // namespace convlens
