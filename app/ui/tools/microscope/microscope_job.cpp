/// Traces a value back through the layers.
#include "app/ui/tools/microscope/microscope_job.h"

#include <algorithm>
#include <cmath>

#include "engine/nn/graph.h"

namespace convlens {
namespace {

/// Longer side of a layer's picture in pixels.
constexpr int picture_side = 240;

/// Returns the input channel of the term that contributes most: of the maximum for max pooling, otherwise of the term
/// with the largest |product|.
int strongest_channel(const Explanation& e) {
    if (e.winner >= 0) return e.terms[static_cast<std::size_t>(e.winner)].from.channel;
    const auto most = std::max_element(e.terms.begin(), e.terms.end(), [](const Term& a, const Term& b) {
        return std::abs(a.product) < std::abs(b.product);
    });
    return most == e.terms.end() ? e.first_channel : most->from.channel;
}

/// Returns the channel of batch item `item` with the largest mean absolute value.
int liveliest_channel(const Activations& activations, int item) {
    const auto stats = activations.stats(item);
    const auto most = std::max_element(stats.begin(), stats.end(),
                                       [](const auto& a, const auto& b) { return a.mean_abs < b.mean_abs; });
    return static_cast<int>(most - stats.begin());
}

}  // namespace

Expected<std::shared_ptr<const Image>> ValueExplainer::picture_of(const std::shared_ptr<const Activations>& activations,
                                                                  int item, int channel, std::vector<Drawn>& kept,
                                                                  const Cancel& cancel) const {
    const auto same = std::find_if(drawn_.begin(), drawn_.end(), [&](const Drawn& d) {
        return d.of.lock() == activations && d.item == item && d.channel == channel;
    });
    if (same != drawn_.end()) return kept.emplace_back(*same).picture;
    const Shape s = activations->shape();
    const double scale = static_cast<double>(picture_side) / std::max(s.h, s.w);
    DisplayOptions display;
    display.channels = {channel};
    display.item = item;
    display.gap = 0;
    display.cell = {std::max(1, static_cast<int>(std::lround(s.h * scale))),
                    std::max(1, static_cast<int>(std::lround(s.w * scale)))};
    auto image = activations->render_grid(display, cancel);
    if (!image) return tl::unexpected(image.error());
    return kept.emplace_back(Drawn{activations, item, channel, std::make_shared<const Image>(std::move(*image))})
        .picture;
}

Expected<ValueExplanation> ValueExplainer::make(const Output& output, const std::shared_ptr<const Image>& input,
                                                const PixelPosition& position, Backend& backend, const Cancel& cancel) {
    const int item = output.document.display.item, last = output.plan.layer;
    auto explained = explain(output.network, output.input, last, item, position, backend, cancel);
    if (!explained) return tl::unexpected(explained.error());
    ValueExplanation why;
    why.explanation = std::make_shared<const Explanation>(std::move(*explained));
    const Explanation& e = *why.explanation;

    // Chooses the channel to draw for each layer, backward from the displayed layer, whose channel is that of the
    // value. A layer that others read gets it from the first of them: for an input of the explained layer, it is the
    // channel that contributes most. For any other layer, the next layer decides: if it keeps channels separate, the
    // same channel; if it is a Flatten, the channel that the value was in; if it joins inputs, the one that it reads;
    // if it mixes channels, the one with the largest mean absolute value.
    const auto& layers = output.network.layers;
    std::vector<Drawn> kept;
    std::vector<int> readers(layers.size(), -1), channels(layers.size(), position.channel);
    for (int i = 0; i <= last; ++i)
        if (i == last || e.boxes[static_cast<std::size_t>(i) + 1].w > 0)
            for (const int from : inputs_of(layers, i))
                if (from >= 0 && readers[static_cast<std::size_t>(from)] < 0)
                    readers[static_cast<std::size_t>(from)] = i;
    for (int i = last; i >= 0; --i) {
        const auto at = static_cast<std::size_t>(i);
        if (i < last && (readers[at] < 0 || e.boxes[at + 1].w == 0)) {
            const Shape& s = output.numbers.layers[at].output;
            why.path.push_back({layers[at].name, 0, s.c, {s.h, s.w}, nullptr, {}});
            continue;
        }
        auto activations = backend.forward(output.network, output.input, i, cancel);
        if (!activations) return tl::unexpected(activations.error());
        int& channel = channels[at];
        if (i < last) {
            const int reader = readers[at];
            const OperationSpec after = spec_of(layers[static_cast<std::size_t>(reader)].operation);
            const std::vector<int> inputs = inputs_of(layers, reader);
            channel = channels[static_cast<std::size_t>(reader)];
            if (inputs.size() > 1) {
                std::vector<Shape> shapes;
                for (const int from : inputs)
                    shapes.push_back(from < 0 ? output.input->shape()
                                              : output.numbers.layers[static_cast<std::size_t>(from)].output);
                const auto k = static_cast<std::size_t>(std::ranges::find(inputs, i) - inputs.begin());
                const auto source = source_of(join_of(after), shapes, k, {channel, 0, 0});
                channel = source ? source->channel : liveliest_channel(**activations, item);
            } else if (static_cast<std::size_t>(reader) == e.depth) {
                channel = strongest_channel(e);
            } else if (channels_of(after) == ChannelFlow::flat) {
                channel /= std::max(1, static_cast<int>((*activations)->shape().plane()));
            } else if (channels_of(after) == ChannelFlow::mixed) {
                channel = liveliest_channel(**activations, item);
            }
        }
        const Shape s = (*activations)->shape();
        const Rect box = i == last ? Rect{position.x, position.y, 1, 1} : e.boxes[at + 1];
        std::shared_ptr<const Image> picture;
        if (s.plane() > 1) {
            auto drawn = picture_of(*activations, item, channel, kept, cancel);
            if (!drawn) return tl::unexpected(drawn.error());
            picture = std::move(*drawn);
        }
        why.path.push_back({layers[at].name, channel, s.c, {s.h, s.w}, std::move(picture), box});
    }
    const Shape& s = output.input->shape();
    why.path.push_back({"input", -1, s.c, {s.h, s.w}, input, e.boxes.front()});
    std::reverse(why.path.begin(), why.path.end());
    drawn_ = std::move(kept);
    return why;
}

}  // namespace convlens
