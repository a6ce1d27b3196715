/// Taps and boxes of single output values.
#include "engine/nn/taps.h"

#include <numeric>

#include "engine/core/overloaded.h"

namespace convlens {
namespace {

std::vector<int> counting(int first, int count) {
    std::vector<int> all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), first);
    return all;
}

/// `count` taps, `dilation` apart, from `first` on; those outside [0, size) are padding.
std::vector<int> window(int first, int count, int dilation, int size, PaddingMode mode = PaddingMode::zeros) {
    std::vector<int> taps;
    for (int k = 0; k < count; ++k) taps.push_back(padded_source(mode, first + k * dilation, size));
    return taps;
}

Taps taps(const Conv2d& conv, const Shape& in, const Spot& at) {
    const ConvParams& p = conv.params;
    const Padding padding = resolve_padding(p, conv.kernel_size());
    const int channels = conv.weight->shape().c, outputs = conv.weight->shape().n / p.groups;
    return {at.channel / outputs * channels, channels,
            window(at.y * p.stride.h - padding.top, conv.kernel_size().h, p.dilation.h, in.h, p.padding_mode),
            window(at.x * p.stride.w - padding.left, conv.kernel_size().w, p.dilation.w, in.w, p.padding_mode)};
}

Taps taps(const LocallyConnected2d& local, const Shape& in, const Spot& at) {
    const auto& s = local.spec;
    return {0, in.c, window(at.y * s.stride.h, s.kernel_size.h, 1, in.h),
            window(at.x * s.stride.w, s.kernel_size.w, 1, in.w)};
}

Taps taps(const MaxPool2d& p, const Shape& in, const Spot& at) {
    return {at.channel, 1, window(at.y * p.stride.h - p.padding.h, p.kernel_size.h, p.dilation.h, in.h),
            window(at.x * p.stride.w - p.padding.w, p.kernel_size.w, p.dilation.w, in.w)};
}

Taps taps(const AvgPool2d& p, const Shape& in, const Spot& at) {
    return {at.channel, 1, window(at.y * p.stride.h - p.padding.h, p.kernel_size.h, 1, in.h),
            window(at.x * p.stride.w - p.padding.w, p.kernel_size.w, 1, in.w)};
}

/// Bin `index` of `bins` over `size` values.
std::vector<int> bin(int index, int bins, int size) {
    const auto at = [&](std::int64_t i) { return i * size / bins; };
    const int first = static_cast<int>(at(index)),
              end = static_cast<int>((static_cast<std::int64_t>(index + 1) * size + bins - 1) / bins);
    return counting(first, end - first);
}

Taps taps(const AdaptiveAvgPool2d& p, const Shape& in, const Spot& at) {
    return {at.channel, 1, bin(at.y, p.output_size.h, in.h), bin(at.x, p.output_size.w, in.w)};
}

Taps taps(const Flatten&, const Shape& in, const Spot& at) {
    const int plane = static_cast<int>(in.plane());
    return {at.channel / plane, 1, {at.channel % plane / in.w}, {at.channel % in.w}};
}

Taps taps(const Linear&, const Shape& in, const Spot&) { return {0, in.c, counting(0, in.h), counting(0, in.w)}; }

Taps taps(const Softmax&, const Shape& in, const Spot& at) { return {0, in.c, {at.y}, {at.x}}; }

/// Layers that work on each value by itself.
template <class Pointwise>
Taps taps(const Pointwise&, const Shape&, const Spot& at) {
    return {at.channel, 1, {at.y}, {at.x}};
}

/// All taps of the output values in `above`'s channels and box. Rows and columns are independent of each other, but for
/// a Flatten, whose values all lie in its channels.
Taps union_of(const Operation& operation, const Shape& in, const Taps& above) {
    const Rect box = above.box();
    if (box.w == 0) return {above.first_channel, above.channels, {}, {}};
    const int last = above.first_channel + above.channels - 1;
    const auto at = [&](int channel, int y, int x) { return taps_of(operation, in, {channel, y, x}); };
    Taps all = at(above.first_channel, box.y, box.x);
    const auto add = [&](const Taps& more) {
        all.rows.insert(all.rows.end(), more.rows.begin(), more.rows.end());
        all.columns.insert(all.columns.end(), more.columns.begin(), more.columns.end());
    };
    const Taps end = at(last, box.y, box.x);
    all.channels = end.first_channel + end.channels - all.first_channel;
    for (int y = box.y + 1; y < box.y + box.h; ++y) add(at(above.first_channel, y, box.x));
    for (int x = box.x + 1; x < box.x + box.w; ++x) add(at(above.first_channel, box.y, x));
    if (std::holds_alternative<Flatten>(operation))
        for (int c = above.first_channel + 1; c <= last; ++c) add(at(c, box.y, box.x));
    return all;
}

}  // namespace

Taps taps_of(const Operation& operation, const Shape& input, const Spot& spot) {
    return std::visit([&](const auto& layer) { return taps(layer, input, spot); }, operation);
}

std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer, const Spot& spot) {
    std::vector<Shape> inputs{input};
    for (int i = 0; i < layer; ++i)
        inputs.push_back(output_shape(network.layers[static_cast<std::size_t>(i)], inputs.back()).value());
    std::vector<Rect> boxes(static_cast<std::size_t>(layer) + 1);
    Taps above{spot.channel, 1, {spot.y}, {spot.x}};
    for (int i = layer; i >= 0; --i) {
        const auto index = static_cast<std::size_t>(i);
        above = union_of(network.layers[index].operation, inputs[index], above);
        boxes[index] = above.box();
    }
    return boxes;
}

}  // namespace convlens
