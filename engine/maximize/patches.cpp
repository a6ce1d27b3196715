/// Maxima of feature maps, and what they saw.
#include "engine/maximize/patches.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/core/memory_limit.h"
#include "engine/nn/receptive_fields.h"
#include "engine/nn/taps.h"

namespace convlens {
namespace {

constexpr int max_patch_side = 1024;

/// Returns true if a layer up to `layer` makes its map larger than its input, so that neighboring values of a map may
/// be less than a pixel apart, which ReceptiveFields can't say.
bool enlarges(const Network& network, int layer) {
    const auto end = network.layers.begin() + layer + 1;
    return std::any_of(network.layers.begin(), end, [](const Layer& l) {
        return std::holds_alternative<Upsample>(l.operation) || std::holds_alternative<PixelShuffle>(l.operation) ||
               std::holds_alternative<ConvTranspose2d>(l.operation);
    });
}

/// Returns the strongest places of a feature map, strongest first. `distance` is that of neighboring values in pixels.
std::vector<StrongPlace> strongest(const Tensor& map, int count, const ReceptiveFields& fields,
                                   std::array<double, 2> distance, int image) {
    const Shape s = map.shape();
    std::vector<StrongPlace> found;
    for (int n = 0; n < count; ++n) {
        StrongPlace best{image, 0, 0, -INFINITY, {}};
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x) {
                const float value = map.at(0, 0, y, x);
                if (!(value > best.value)) continue;
                const bool near = std::ranges::any_of(found, [&](const StrongPlace& p) {
                    return std::abs(p.y - y) * distance[0] < fields.size.h &&
                           std::abs(p.x - x) * distance[1] < fields.size.w;
                });
                if (!near) best = {image, y, x, value, {}};
            }
        if (best.value == -INFINITY) break;
        best.box = fields.of(best.y, best.x);
        found.push_back(best);
    }
    return found;
}

/// Returns a patch of shape `size` with the part of the input in `box`, without normalization, in its middle; gray
/// elsewhere. What does not fit into the patch is cut off.
Tensor cut(const Tensor& input, int item, Rect box, const Shape& size, Normalize normalize) {
    const Shape s = input.shape();
    box = {box.x - (size.w - box.w) / 2, box.y - (size.h - box.h) / 2, size.w, size.h};
    Tensor patch(size, 0.5F);
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
    ReceptiveFields fields = receptive_fields(network, input.shape(), layer);
    // One value that sees the whole image, or a part that depends on the channel, as after a Flatten.
    const bool single = out.h == 1 && out.w == 1;
    if (single) fields = {{input.shape().h, input.shape().w}, {1, 1}, 0, 0};
    std::array<double, 2> distance{static_cast<double>(fields.jump.h), static_cast<double>(fields.jump.w)};
    const bool exact = !single && enlarges(network, layer);
    const auto box_of = [&](int channel, int y, int x) {
        return receptive_boxes(network, input.shape(), layer, {channel, y, x}).front();
    };
    if (exact) {
        const Rect middle = box_of(0, out.h / 2, out.w / 2);
        fields.size = {middle.h, middle.w};
        distance = {static_cast<double>(input.shape().h) / out.h, static_cast<double>(input.shape().w) / out.w};
    }
    if (fields.size.h > max_patch_side || fields.size.w > max_patch_side)
        return fail("patches of {}x{} pixels are too large, expected at most {}", fields.size.w, fields.size.h,
                    max_patch_side);
    if (patch_.h == 0) {
        patch_ = {1, input.shape().c, fields.size.h, fields.size.w};
        const std::size_t bytes =
            2 * channels_.size() * static_cast<std::size_t>(count_) * patch_.count() * sizeof(float);
        if (bytes > memory_limit() / 2)
            return fail("{} patches of {}x{} pixels need {}, expected at most half of the memory: {}; ask for fewer",
                        channels_.size() * static_cast<std::size_t>(count_), patch_.w, patch_.h, bytes_in_words(bytes),
                        memory_in_words());
    }
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        if (channels_[i] < 0 || channels_[i] >= out.c)
            return fail("channel {} does not exist: the output has channels 0 to {}", channels_[i], out.c - 1);
        const auto map = activations.read(item, {channels_[i], 1}, {0, 0, out.w, out.h});
        if (!map) return tl::unexpected(map.error());
        for (StrongPlace place : strongest(*map, std::min(per_image_, count_), fields, distance, image)) {
            if (single || exact) place.box = box_of(channels_[i], place.y, place.x);
            auto& places = places_[i];
            const auto at = std::ranges::find_if(places, [&](const StrongPlace& p) { return p.value < place.value; });
            const auto index = at - places.begin();
            if (index >= count_) break;
            places.insert(at, place);
            pixels_[i].insert(pixels_[i].begin() + index, cut(input, item, place.box, patch_, normalize));
            if (places.size() > static_cast<std::size_t>(count_)) {
                places.pop_back();
                pixels_[i].pop_back();
            }
        }
    }
    return {};
}

Tensor StrongestPatches::patches(std::size_t first, std::size_t channels, int each) const {
    const auto per_channel = static_cast<std::size_t>(each);
    Tensor all({static_cast<int>(channels) * each, patch_.c, patch_.h, patch_.w}, 0.5F);
    for (std::size_t i = 0; i < channels; ++i) {
        const std::vector<Tensor>& own = pixels_[first + i];
        for (std::size_t n = 0; n < std::min(own.size(), per_channel); ++n)
            std::ranges::copy(own[n].values(), all.data() + (i * per_channel + n) * patch_.count());
    }
    return all;
}

}  // namespace convlens
