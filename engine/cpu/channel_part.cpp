/// Copies the channels together, runs the layer on them, and copies the results to their places.
#include "engine/cpu/channel_part.h"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <variant>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/cpu/layers_cpu.h"

namespace convlens {
namespace {

constexpr std::size_t max_floats = std::size_t{4} << 20U;  ///< Of a copy, unless one channel has more: 16 MB.

template <class Layer, class... Kinds>
constexpr bool is_one_of = (std::is_same_v<Layer, Kinds> || ...);

template <class Layer>
constexpr bool separates =
    PointwiseLayer<Layer> ||
    is_one_of<Layer, ReLU, LeakyReLU, PReLU, Sigmoid, Tanh, Dropout, BatchNorm2d, MaxPool2d, AvgPool2d,
              AdaptiveAvgPool2d, AdaptiveMaxPool2d, ZeroPad2d, ReflectionPad2d, ReplicationPad2d, Upsample>;

/// Returns the layer with those values of its arrays that belong to `channels`. Arrays of one value are for all.
template <class Layer>
Layer layer_of(Layer layer, std::span<const int> channels) {
    const auto reduce = [&](const char* /*name*/, SharedValues& array) {
        if (!array || array->size() == 1) return;
        std::vector<float> own;
        for (const int c : channels) own.push_back((*array)[static_cast<std::size_t>(c)]);
        array = std::make_shared<const std::vector<float>>(std::move(own));
    };
    TraitsOf<Layer>::arrays(layer, reduce);
    return layer;
}

/// Calls copy(item, index in `channels`, channel) for each channel of each batch item, on several threads.
template <class Copy>
void for_each_channel(int items, std::span<const int> channels, const Copy& copy) {
    parallel_for(static_cast<std::size_t>(items) * channels.size(), [&](std::size_t i) {
        const std::size_t k = i % channels.size();
        copy(static_cast<int>(i / channels.size()), static_cast<int>(k), channels[k]);
    });
}

}  // namespace

bool separates_channels(const Operation& layer) {
    return std::visit([]<class Layer>(const Layer& /*layer*/) { return separates<Layer>; }, layer);
}

bool channels_forward(const Operation& layer, const Simd& simd, const Tensor& input, std::span<const int> channels,
                      const Cancel& cancel, Tensor& output, ChannelPart& memory) {
    if (channels.empty()) return !cancel.requested();
    const Shape &in = input.shape(), &out = output.shape();
    const std::size_t most =
        std::max<std::size_t>(1, max_floats / (static_cast<std::size_t>(in.n) * std::max(in.plane(), out.plane())));
    if (channels.size() > most)
        return channels_forward(layer, simd, input, channels.first(most), cancel, output, memory) &&
               channels_forward(layer, simd, input, channels.subspan(most), cancel, output, memory);
    const int count = static_cast<int>(channels.size());
    memory.input.reshape({in.n, count, in.h, in.w});
    memory.output.reshape({out.n, count, out.h, out.w});
    for_each_channel(in.n, channels, [&](int n, int k, int c) {
        std::ranges::copy(input.plane(n, c), memory.input.plane(n, k).begin());
    });
    const bool done = std::visit(
        [&]<class Layer>(const Layer& kind) {
            if constexpr (separates<Layer>)
                return layer_forward(layer_of(kind, channels), simd, memory.input, cancel, memory.output);
            return false;
        },
        layer);
    if (!done) return false;
    for_each_channel(out.n, channels, [&](int n, int k, int c) {
        std::ranges::copy(memory.output.plane(n, k), output.plane(n, c).begin());
    });
    return true;
}

}  // namespace convlens
