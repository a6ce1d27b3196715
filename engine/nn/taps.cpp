/// Taps and receptive boxes of single output values.
#include "engine/nn/taps.h"

#include <algorithm>
#include <limits>

namespace convlens {
namespace {

/// First and last index of the taps along one axis.
struct Run {
    int first = std::numeric_limits<int>::max();
    int last = -1;

    void add(const std::vector<int>& taps) {
        for (const int i : taps)
            if (i >= 0) first = std::min(first, i), last = std::max(last, i);
    }
    std::vector<int> ends() const { return last < 0 ? std::vector<int>() : std::vector{first, last}; }
};

/// Returns taps whose channels and box() contain the taps of all output values in the channels and the box of `above`.
/// Looks only at the first row, the first column and the last channel of the box: input rows do not depend on the
/// output column, and input columns not on the output row. In a Flatten they depend on the channel, so it looks at all
/// channels.
Taps union_of(const Operation& operation, const Shape& in, const Taps& above) {
    const Rect box = above.box();
    if (box.w == 0) return {above.first_channel, above.channels, {}, {}};
    const int first = above.first_channel, last = first + above.channels - 1;
    const auto at = [&](int channel, int y, int x) { return taps_of(operation, in, {channel, y, x}); };
    const Taps begin = at(first, box.y, box.x), end = at(last, box.y, box.x);
    Run rows, columns;
    const auto add = [&](const Taps& taps) { rows.add(taps.rows), columns.add(taps.columns); };
    add(begin);
    for (int y = box.y + 1; y < box.y + box.h; ++y) add(at(first, y, box.x));
    for (int x = box.x + 1; x < box.x + box.w; ++x) add(at(first, box.y, x));
    if (channels_of(spec_of(operation)) == ChannelFlow::flat)
        for (int c = first + 1; c <= last; ++c) add(at(c, box.y, box.x));
    return {begin.first_channel, end.first_channel + end.channels - begin.first_channel, rows.ends(), columns.ends()};
}

}  // namespace

Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position) {
    return std::visit([&]<class Layer>(const Layer& layer) { return TraitsOf<Layer>::taps(layer, input, position); },
                      operation);
}

std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer,
                                  const PixelPosition& position) {
    std::vector<Shape> inputs{input};
    for (int i = 0; i < layer; ++i)
        inputs.push_back(output_shape(network.layers[static_cast<std::size_t>(i)], inputs.back()).value());
    std::vector<Rect> boxes(static_cast<std::size_t>(layer) + 1);
    Taps above{position.channel, 1, {position.y}, {position.x}};
    for (int i = layer; i >= 0; --i) {
        const auto index = static_cast<std::size_t>(i);
        above = union_of(network.layers[index].operation, inputs[index], above);
        boxes[index] = above.box();
    }
    return boxes;
}

}  // namespace convlens
