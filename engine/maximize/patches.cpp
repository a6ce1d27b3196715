/// Maxima of feature maps, and what they saw.
#include "engine/maximize/patches.h"

#include <algorithm>
#include <cmath>

#include "engine/nn/layer_numbers.h"
#include "engine/nn/taps.h"

namespace convlens {
namespace {

/// The receptive fields of a layer: that of position (y, x) begins at row top + y * jump.h and column left + x *
/// jump.w.
struct Fields {
    Size2 size, jump;
    int top = 0, left = 0;

    Rect of(int y, int x) const { return {left + x * jump.w, top + y * jump.h, size.w, size.h}; }
};

Fields fields_of(const Network& network, const Shape& input, int layer) {
    std::vector<LayerSpec> specs;
    for (int i = 0; i <= layer; ++i) {
        const Layer& l = network.layers[static_cast<std::size_t>(i)];
        OperationSpec spec = spec_of(l.operation);
        specs.push_back({l.name, std::move(spec)});
    }
    const LayerNumbers numbers = layer_numbers(specs, input).layers.back();
    Fields fields{numbers.receptive_field, numbers.jump, 0, 0};
    fields.size = {std::min(fields.size.h, 2 * input.h), std::min(fields.size.w, 2 * input.w)};
    // The box of the first position is cut by the upper and left borders, but where it ends is known, unless it covers
    // the whole image.
    const Rect first = receptive_boxes(network, input, layer, {0, 0, 0}).front();
    fields.top = fields.size.h <= input.h ? first.y + first.h - fields.size.h : (input.h - fields.size.h) / 2;
    fields.left = fields.size.w <= input.w ? first.x + first.w - fields.size.w : (input.w - fields.size.w) / 2;
    return fields;
}

/// Returns the strongest places of a feature map, strongest first.
std::vector<StrongPlace> strongest(const Tensor& map, int count, const Fields& fields, int image) {
    const Shape s = map.shape();
    std::vector<StrongPlace> found;
    for (int n = 0; n < count; ++n) {
        StrongPlace best{image, 0, 0, -INFINITY, {}};
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x) {
                const float value = map.at(0, 0, y, x);
                if (!(value > best.value)) continue;
                const bool near = std::ranges::any_of(found, [&](const StrongPlace& p) {
                    return std::abs(p.y - y) * fields.jump.h < fields.size.h &&
                           std::abs(p.x - x) * fields.jump.w < fields.size.w;
                });
                if (!near) best = {image, y, x, value, {}};
            }
        if (best.value == -INFINITY) break;
        best.box = fields.of(best.y, best.x);
        found.push_back(best);
    }
    return found;
}

/// Returns the part of the input in `box`, without normalization; gray beyond the borders.
Tensor cut(const Tensor& input, int item, const Rect& box, Normalize normalize) {
    const Shape s = input.shape();
    Tensor patch({1, s.c, box.h, box.w}, 0.5F);
    for (int c = 0; c < s.c; ++c) {
        const Levels levels = levels_of(normalize, c, s.c);
        for (int y = std::max(0, -box.y); y < std::min(box.h, s.h - box.y); ++y)
            for (int x = std::max(0, -box.x); x < std::min(box.w, s.w - box.x); ++x)
                patch.at(0, c, y, x) = input.at(item, c, box.y + y, box.x + x) * levels.deviation + levels.mean;
    }
    return patch;
}

}  // namespace

StrongestPatches::StrongestPatches(std::vector<int> channels, int count, int per_image)
    : channels_(std::move(channels)),
      count_(count),
      per_image_(per_image),
      places_(channels_.size()),
      pixels_(channels_.size()) {}

Expected<void> StrongestPatches::add(int image, const Network& network, const Tensor& input, int layer,
                                     const Activations& activations, int item, Normalize normalize) {
    const Shape out = activations.shape();
    const Fields fields = fields_of(network, input.shape(), layer);
    // Images of other sizes have the same receptive field, unless it is that of the whole image.
    if (patch_.h == 0) patch_ = {1, input.shape().c, fields.size.h, fields.size.w};
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        if (channels_[i] < 0 || channels_[i] >= out.c)
            return fail("channel {} does not exist: the output has channels 0 to {}", channels_[i], out.c - 1);
        const auto map = activations.read(item, {channels_[i], 1}, {0, 0, out.w, out.h});
        if (!map) return tl::unexpected(map.error());
        for (StrongPlace place : strongest(*map, std::min(per_image_, count_), fields, image)) {
            auto& places = places_[i];
            const auto at = std::ranges::find_if(places, [&](const StrongPlace& p) { return p.value < place.value; });
            const auto index = at - places.begin();
            if (index >= count_) break;
            Rect box = place.box;
            box.w = patch_.w, box.h = patch_.h;
            places.insert(at, place);
            pixels_[i].insert(pixels_[i].begin() + index, cut(input, item, box, normalize));
            if (places.size() > static_cast<std::size_t>(count_)) {
                places.pop_back();
                pixels_[i].pop_back();
            }
        }
    }
    return {};
}

Tensor StrongestPatches::patches() const {
    const auto count = static_cast<std::size_t>(count_);
    Tensor all({static_cast<int>(channels_.size()) * count_, patch_.c, patch_.h, patch_.w}, 0.5F);
    for (std::size_t i = 0; i < channels_.size(); ++i)
        for (std::size_t n = 0; n < pixels_[i].size(); ++n)
            std::ranges::copy(pixels_[i][n].values(), all.data() + (i * count + n) * patch_.count());
    return all;
}

}  // namespace convlens
