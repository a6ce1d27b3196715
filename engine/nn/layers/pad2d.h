/// nn.ZeroPad2d, nn.ReflectionPad2d and nn.ReplicationPad2d.
#pragma once

#include <algorithm>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// The input with rows and columns added on its sides: zeros, or copies of input values. The members are the elements
/// of the argument `padding` of PyTorch's classes, which is (left, right, top, bottom).
template <PaddingMode mode>
struct Pad2d {
    int left = 0, right = 0, top = 0, bottom = 0;  ///< At least 0.
    friend bool operator==(const Pad2d&, const Pad2d&) = default;

    Padding padding() const { return {top, bottom, left, right}; }
};
using ZeroPad2d = Pad2d<PaddingMode::zeros>;
using ReflectionPad2d = Pad2d<PaddingMode::reflect>;
using ReplicationPad2d = Pad2d<PaddingMode::replicate>;

template <PaddingMode mode>
struct LayerTraits<Pad2d<mode>> : NoArrays<Pad2d<mode>>, NoMacs<Pad2d<mode>> {
    using Layer = Pad2d<mode>;
    static constexpr std::string_view name = mode == PaddingMode::zeros     ? "ZeroPad2d"
                                             : mode == PaddingMode::reflect ? "ReflectionPad2d"
                                                                            : "ReplicationPad2d";
    static constexpr std::string_view stem = mode == PaddingMode::zeros     ? "zeropad"
                                             : mode == PaddingMode::reflect ? "reflectpad"
                                                                            : "replicatepad";
    static constexpr Role role = Role::passage;
    static constexpr ChannelFlow channels = ChannelFlow::same;
    static constexpr bool exact = true;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.optional("left", s.left, 0, "Columns added on the left");
        visit.optional("right", s.right, 0, "Columns added on the right");
        visit.optional("top", s.top, 0, "Rows added at the top");
        visit.optional("bottom", s.bottom, 0, "Rows added at the bottom");
    }
    static Expected<Shape> output_shape(const Layer& p, const Shape& input) {
        const auto check = [&](std::string_view side, int rows, int size) -> Expected<void> {
            // A reflection does not repeat the border; a copy needs something to copy.
            const int most =
                mode == PaddingMode::reflect ? std::min(size - 1, max_hyper_parameter) : max_hyper_parameter;
            if (rows < 0 || rows > most) return fail("{} is {}: expected 0 to {} for {}", side, rows, most, name);
            return {};
        };
        for (const auto& [side, rows, size] :
             {std::tuple("left", p.left, input.w), std::tuple("right", p.right, input.w),
              std::tuple("top", p.top, input.h), std::tuple("bottom", p.bottom, input.h)})
            if (auto ok = check(side, rows, size); !ok) return tl::unexpected(ok.error());
        return check_size({input.n, input.c, input.h + p.top + p.bottom, input.w + p.left + p.right});
    }
    static WindowShape window_shape(const Layer& p) {
        return WindowShape{{1, 1}, {1, 1}, {1, 1}, p.padding(), mode, false};
    }
    static std::optional<WindowShape> window(const Layer& p, Size2 /*input*/) { return window_shape(p); }
    static Taps taps(const Layer& p, const Shape& input, const PixelPosition& at) {
        return taps_under(window_shape(p), {at.channel, 1}, input, at);
    }
    static Layer example(const Shape& input) {
        const int rows = input.h > 1 ? 1 : 0, columns = input.w > 1 ? 1 : 0;
        return {columns, columns, rows, rows};
    }
    static Layer random(Random& random, Shape& input) {
        const auto side = [&](int size) {
            return random.whole(0, mode == PaddingMode::reflect ? std::min(size - 1, 4) : 4);
        };
        const int left = side(input.w), right = side(input.w), top = side(input.h), bottom = side(input.h);
        return {left, right, top, bottom};
    }
    static void break_down(const Layer& /*layer*/, const Shape& /*input*/, const PixelPosition& /*at*/, Breakdown& b) {
        b.add_up();
    }
    static TorchCode torch(const Layer& p, const std::string& /*layer*/) {
        return {fmt::format("nn.{}(({}, {}, {}, {}))", name, p.left, p.right, p.top, p.bottom)};
    }
    static Expected<NumpyCode> numpy(const Layer& p, const std::string& /*layer*/) {
        constexpr std::string_view numpy_mode = mode == PaddingMode::zeros     ? "constant"
                                                : mode == PaddingMode::reflect ? "reflect"
                                                                               : "edge";
        return NumpyCode{fmt::format("np.pad(y, ((0, 0), (0, 0), ({}, {}), ({}, {})), mode='{}')", p.top, p.bottom,
                                     p.left, p.right, numpy_mode)};
    }
};

}  // namespace convlens
