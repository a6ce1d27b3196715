/// nn.GroupNorm.
#pragma once

#include <algorithm>
#include <numeric>

#include "engine/nn/check.h"
#include "engine/nn/layer_traits.h"

namespace convlens {

/// nn.GroupNorm: (x - mean) / sqrt(variance + eps) * weight + bias, with one weight and one bias per channel. Mean and
/// variance are those of all values in the group of x: num_channels / num_groups consecutive channels of one batch
/// item. The variance is the mean of the squared differences from the mean. (Y. Wu, K. He: Group Normalization, 2018,
/// https://arxiv.org/abs/1803.08494; https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html)
struct GroupNormSpec {
    int num_groups = 1;  ///< Must divide num_channels.
    int num_channels = 1;
    float eps = 1e-5F;   ///< At least 0.
    bool affine = true;  ///< Whether the layer has weight and bias.
    friend bool operator==(const GroupNormSpec&, const GroupNormSpec&) = default;

    /// Returns the number of channels per group.
    int channels_of_group() const { return num_channels / num_groups; }
};

/// A GroupNorm layer with its arrays of num_channels values each.
struct GroupNorm {
    GroupNormSpec spec;
    SharedValues weight, bias;  ///< Null unless spec.affine; a null weight means 1 and a null bias means 0.
    friend bool operator==(const GroupNorm&, const GroupNorm&) = default;
};

template <>
struct LayerTraits<GroupNormSpec> : Elementwise<GroupNormSpec, GroupNorm>, SpecAndArrays<GroupNormSpec, GroupNorm> {
    static constexpr std::string_view name = "GroupNorm", stem = "gn";
    static constexpr Role role = Role::normalization;
    static constexpr bool exact = false;
    template <class Spec, class Visitor>
    static void fields(Spec& s, Visitor& visit) {
        visit.required("num_groups", s.num_groups,
                       "Number of groups of channels; each group is normalized to mean 0 and variance 1");
        visit.required("num_channels", s.num_channels, tooltip_text::channels);
        visit.optional("eps", s.eps, GroupNormSpec{}.eps, tooltip_text::eps);
        visit.optional("affine", s.affine, true, tooltip_text::affine);
    }
    static GroupNormSpec example(const Shape& input) { return {std::gcd(input.c, 4), input.c}; }
    static GroupNormSpec random(Random& random, Shape& input) {
        GroupNormSpec s{1, input.c, 1e-5F, random.coin()};
        do s.num_groups = random.whole(1, input.c);
        while (input.c % s.num_groups != 0);
        return s;
    }
    static Expected<Shape> output_shape(const GroupNormSpec& s, const Shape& input) {
        if (auto ok = check_channels(name, s.num_channels, input); !ok) return tl::unexpected(ok.error());
        if (auto ok = check_groups("num_groups", s.num_groups, "num_channels", s.num_channels); !ok)
            return tl::unexpected(ok.error());
        if (auto ok = check_eps(s.eps); !ok) return tl::unexpected(ok.error());
        return input;
    }

    static constexpr std::array<std::string_view, 0> unused_arrays{};
    static std::vector<ParameterSpec> parameters(const GroupNormSpec& s) {
        return scale_and_shift(s.num_channels, s.affine);
    }
    template <class Layer, class Visitor>
    static void arrays(Layer& layer, Visitor& visit) {
        visit("weight", layer.weight);
        visit("bias", layer.bias);
    }

    // All values of the group are taps of each of its output values, because they determine mean and variance.
    static std::optional<WindowShape> window(const GroupNormSpec& /*spec*/, Size2 input) {
        return WindowShape{.kernel_size = input, .slides = false};
    }
    /// Returns the channels of the group that contains `channel`.
    static ChannelRange group_of(const GroupNormSpec& s, int channel) {
        const int count = s.channels_of_group();
        return {channel / count * count, count};
    }
    static Taps taps(const GroupNorm& layer, const Shape& input, const PixelPosition& at) {
        return taps_everywhere(group_of(layer.spec, at.channel), input);
    }

    /// Returns the step applied to the value x. Its formula contains the mean and the variance of the group, which are
    /// computed here from all values of the group.
    static Expected<Step> step(const GroupNorm& layer, double x, const PixelPosition& at, const LayerInput& input) {
        const ChannelRange group = group_of(layer.spec, at.channel);
        double sum = 0, squares = 0;  // of the differences from x, which are more exact than sums of the values
        for (int c = group.first; c < group.first + group.count; ++c) {
            if (input.cancel.requested()) return canceled();
            const auto map = input.read({c, 1}, {0, 0, input.shape.w, input.shape.h});
            if (!map) return tl::unexpected(map.error());
            for (const float v : map->values()) {
                const double difference = static_cast<double>(v) - x;
                sum += difference, squares += difference * difference;
            }
        }
        const double count = group.count * static_cast<double>(input.shape.plane()), mean = sum / count;
        const auto of = [&](const SharedValues& values, double other) {
            return values ? static_cast<double>((*values)[static_cast<std::size_t>(at.channel)]) : other;
        };
        Step step = normalized(x, x + mean, std::max(squares / count - mean * mean, 0.0), layer.spec.eps,
                               of(layer.weight, 1), of(layer.bias, 0));
        step.formula += ", mean and variance of channels " + std::to_string(group.first) + " to " +
                        std::to_string(group.first + group.count - 1);
        return step;
    }

    static TorchCode torch(const GroupNormSpec& s, const std::string& /*layer*/) {
        using python::text;
        return {"nn.GroupNorm(" + text(s.num_groups) + ", " + text(s.num_channels) + ", eps=" + text(s.eps) +
                ", affine=" + text(s.affine) + ")"};
    }
    static Expected<NumpyCode> numpy(const GroupNormSpec& s, const std::string& layer) {
        static constexpr std::string_view function = R"(
def group_norm(x, groups, eps):
    values = x.reshape(len(x), groups, -1)
    normal = (values - values.mean(axis=2, keepdims=True)) / np.sqrt(values.var(axis=2, keepdims=True) + eps)
    return normal.reshape(x.shape)
)";
        std::string line = "group_norm(y, " + python::text(s.num_groups) + ", " + python::text(s.eps) + ")";
        if (s.affine)
            line += " * " + python::channel_array(layer, "weight") + " + " + python::channel_array(layer, "bias");
        return NumpyCode{std::move(line), {function}};
    }
};

}  // namespace convlens
