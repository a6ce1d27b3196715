/// Taps and receptive boxes of single output values.
#include "engine/nn/taps.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>

#include "engine/nn/graph.h"

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

/// Returns the taps in input `k` of a layer with several inputs of the shapes `inputs`; nullopt if it reads others.
std::optional<Taps> part_of(JoinRule rule, std::span<const Shape> inputs, std::size_t k, const Taps& above) {
    const Shape& s = inputs[k];
    int first = above.first_channel, last = first + above.channels - 1;
    if (rule == JoinRule::concat) {
        for (std::size_t i = 0; i < k; ++i) first -= inputs[i].c, last -= inputs[i].c;
        first = std::max(first, 0);
        last = std::min(last, s.c - 1);
        if (first > last) return std::nullopt;
    } else if (s.c == 1) {
        first = last = 0;
    }
    Taps part{first, last - first + 1, above.rows, above.columns};
    if (s.h == 1) std::ranges::fill(part.rows, 0);
    if (s.w == 1) std::ranges::fill(part.columns, 0);
    return part;
}

/// Returns the smallest range of channels, rows and columns that contains both. Taps without a box are ignored.
Taps joined(const Taps& a, const Taps& b) {
    if (b.box().w == 0) return a;
    if (a.box().w == 0) return b;
    const int first = std::min(a.first_channel, b.first_channel),
              last = std::max(a.first_channel + a.channels, b.first_channel + b.channels);
    Run rows, columns;
    for (const Taps* t : {&a, &b}) rows.add(t->rows), columns.add(t->columns);
    return {first, last - first, rows.ends(), columns.ends()};
}

}  // namespace

Taps taps_of(const Operation& operation, const Shape& input, const PixelPosition& position) {
    return std::visit([&]<class Layer>(const Layer& layer) { return TraitsOf<Layer>::taps(layer, input, position); },
                      operation);
}

std::vector<Rect> receptive_boxes(const Network& network, const Shape& input, int layer,
                                  const PixelPosition& position) {
    const std::vector<Shape> shapes = shapes_for(network.layers, input, layer).value();
    // The values of each output that are needed; entry 0 is the network's input.
    std::vector<std::optional<Taps>> needed(static_cast<std::size_t>(layer) + 2);
    needed.back() = Taps{position.channel, 1, {position.y}, {position.x}};
    for (int i = layer; i >= 0; --i) {
        const auto& above = needed[static_cast<std::size_t>(i) + 1];
        if (!above) continue;
        const Operation& operation = network.layers[static_cast<std::size_t>(i)].operation;
        const std::vector<int> inputs = inputs_of(network.layers, i);
        const std::vector<Shape> read = input_shapes(network.layers, i, shapes);
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            auto part = inputs.size() == 1 ? std::optional(union_of(operation, read.front(), *above))
                                           : part_of(join_of(spec_of(operation)), read, k, *above);
            auto& whole = needed[static_cast<std::size_t>(inputs[k] + 1)];
            if (part) whole = whole ? joined(*whole, *part) : std::move(*part);
        }
    }
    std::vector<Rect> boxes;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(layer); ++i)
        boxes.push_back(needed[i] ? needed[i]->box() : Rect{});
    return boxes;
}

}  // namespace convlens
