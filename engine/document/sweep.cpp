/// The numbers that can be swept.
#include "engine/document/sweep.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/core/numbers.h"
#include "engine/document/custom_kernels.h"
#include "engine/nn/rotate_kernel.h"

namespace convlens {
namespace {

int whole(double value) { return static_cast<int>(std::lround(std::clamp(value, -1e9, 1e9))); }

/// Returns the hyper-parameters of a single convolution.
Expected<ConvParams*> conv_of(Document& d) {
    if (!std::holds_alternative<ConvChain>(d.network))
        return fail("expected a single convolution (--network conv), found {}", network_title(d));
    return &d.conv;
}

Expected<void> put_stride(Document& d, double value, const Output&) {
    const auto conv = conv_of(d);
    if (!conv) return tl::unexpected(conv.error());
    (*conv)->stride = {whole(value), whole(value)};
    return {};
}

Expected<void> put_padding(Document& d, double value, const Output&) {
    const auto conv = conv_of(d);
    if (!conv) return tl::unexpected(conv.error());
    (*conv)->same = false;
    (*conv)->padding = {whole(value), whole(value)};
    return {};
}

Expected<void> put_dilation(Document& d, double value, const Output&) {
    const auto conv = conv_of(d);
    if (!conv) return tl::unexpected(conv.error());
    (*conv)->dilation = {whole(value), whole(value)};
    return {};
}

Expected<void> put_rotation(Document& d, double value, const Output& base) {
    auto kernels = custom_kernels(base.document, base.network, base.plan.layer);
    if (!kernels) return fail("layer {} has no kernels of its own", base.network.layers.empty() ? "" : d.layer);
    auto weight = std::make_shared<Tensor>(kernels->weight->clone());
    for (int o = 0; o < weight->shape().n; ++o) {
        std::vector<KernelPlane> planes = kernel_planes(*kernels->weight, o);
        for (std::size_t c = 0; c < planes.size(); ++c) {
            const KernelPlane plane = rotated(planes[c], value);
            std::ranges::copy(plane.values, weight->plane(o, static_cast<int>(c)).begin());
        }
    }
    kernels->weight = std::move(weight);
    put_kernels(d, base.network, std::move(*kernels));
    return {};
}

/// Returns the crop; all of the picture if there is none.
Expected<Rect*> crop_of(Document& d) {
    if (!d.input.crop) return fail("the input is not cropped: set a crop, whose position then moves");
    return &*d.input.crop;
}

Expected<void> put_crop_x(Document& d, double value, const Output&) {
    const auto crop = crop_of(d);
    if (!crop) return tl::unexpected(crop.error());
    (*crop)->x = whole(value);
    return {};
}

Expected<void> put_crop_y(Document& d, double value, const Output&) {
    const auto crop = crop_of(d);
    if (!crop) return tl::unexpected(crop.error());
    (*crop)->y = whole(value);
    return {};
}

Expected<void> put_shift_x(Document& d, double value, const Output&) {
    d.input.shift.w = whole(value);
    return {};
}

Expected<void> put_shift_y(Document& d, double value, const Output&) {
    d.input.shift.h = whole(value);
    return {};
}

/// The range of the values that the grid shows, divided by the gain, with its middle where it was.
Expected<void> put_gain(Document& d, double value, const Output& base) {
    if (!(value > 0)) return fail("expected a gain above 0, found {}", value);
    Scale& scale = d.display.scale;
    if (scale.mode != ScaleMode::fixed) {
        const auto stats = base.activations->stats(d.display.item);
        const auto channels = shown_channels(d.display, stats);
        if (!channels) return tl::unexpected(channels.error());
        const auto ranges = channel_ranges(d.display, stats, *channels);
        if (ranges.empty()) return fail("no channel is shown");
        scale.lo = std::ranges::min(ranges, {}, &Range::lo).lo;
        scale.hi = std::ranges::max(ranges, {}, &Range::hi).hi;
        d.display.colormap = d.display.effective_colormap();
        scale.mode = ScaleMode::fixed;
    }
    const double middle = (static_cast<double>(scale.lo) + static_cast<double>(scale.hi)) / 2,
                 half = (static_cast<double>(scale.hi) - static_cast<double>(scale.lo)) / 2 / value;
    scale.lo = static_cast<float>(middle - half);
    scale.hi = static_cast<float>(middle + half);
    if (!(scale.lo < scale.hi)) return fail("a gain of {} leaves no range of values", value);
    return {};
}

Expected<void> put_channel(Document& d, double value, const Output& base) {
    const int channels = base.activations->shape().c;
    if (value < 0 || value >= channels)
        return fail("channel {} does not exist: the layer has channels 0 to {}", whole(value), channels - 1);
    d.display.channels = {whole(value)};
    return {};
}

Expected<void> put_item(Document& d, double value, const Output& base) {
    const int items = base.activations->shape().n;
    if (value < 0 || value >= items)
        return fail("item {} does not exist: the batch has items 0 to {}", whole(value), items - 1);
    d.display.item = whole(value);
    return {};
}

Expected<void> put_layer(Document& d, double value, const Output& base) {
    const auto layers = static_cast<int>(base.plan.runnable);
    if (value < 0 || value >= layers)
        return fail("layer {} does not exist: the layers that can run are 0 to {}", whole(value), layers - 1);
    d.layer = base.plan.layers[static_cast<std::size_t>(whole(value))].name;
    return {};
}

Expected<void> put_seed(Document& d, double value, const Output&) {
    const auto seed = static_cast<std::uint32_t>(std::clamp(value, 0.0, 4294967295.0));
    auto* random = std::get_if<RandomKernels>(&d.kernels.bank);
    if (random && std::holds_alternative<ConvChain>(d.network)) return random->seed = seed, Expected<void>();
    auto* layered = std::get_if<LayeredNetwork>(&d.network);
    auto* weights = layered ? std::get_if<RandomWeights>(&layered->weights) : nullptr;
    if (!weights) return fail("expected random weights, found {}", network_title(d));
    weights->seed = seed;
    return {};
}

Expected<void> put_kernel_size(Document& d, double value, const Output&) {
    auto* random = std::get_if<RandomKernels>(&d.kernels.bank);
    if (!random || !std::holds_alternative<ConvChain>(d.network))
        return fail("expected random kernels of a single convolution, found {}", network_title(d));
    random->kernel_size = {whole(value), whole(value)};
    return {};
}

constexpr SweepNumber sweep_table[] = {
    {"stride", "Stride of the convolution", true, 1, 8, put_stride},
    {"padding", "Rows and columns added at each edge", true, 0, 8, put_padding},
    {"dilation", "Dilation of the kernels", true, 1, 8, put_dilation},
    {"rotation", "Angle by which all kernels are rotated counterclockwise, in degrees", false, 0, 360, put_rotation},
    {"gain", "Contrast of the display: the range of the colors is divided by it", false, 1, 8, put_gain},
    {"crop-x", "Left edge of the crop, in pixels", true, 0, 100, put_crop_x},
    {"crop-y", "Upper edge of the crop, in pixels", true, 0, 100, put_crop_y},
    {"shift-x", "Shift of the image to the right, in pixels", true, 0, 50, put_shift_x},
    {"shift-y", "Shift of the image downward, in pixels", true, 0, 50, put_shift_y},
    {"channel", "The only channel that is shown", true, 0, 63, put_channel},
    {"layer", "Index of the layer that is shown", true, 0, 4, put_layer},
    {"item", "Index of the image of the batch", true, 0, 9, put_item},
    {"seed", "Seed of random kernels or weights", true, 1, 10, put_seed},
    {"kernel-size", "Rows and columns of random kernels", true, 1, 15, put_kernel_size},
};

std::string sweep_names() {
    std::vector<std::string_view> all;
    for (const SweepNumber& n : sweep_table) all.push_back(n.name);
    return fmt::format("{}", fmt::join(all, ", "));
}

}  // namespace

std::span<const SweepNumber> sweep_numbers() { return sweep_table; }

const SweepNumber* find_sweep(std::string_view name) {
    const auto found = std::ranges::find(sweep_table, name, &SweepNumber::name);
    return found == std::end(sweep_table) ? nullptr : &*found;
}

double Sweep::at(double t) const {
    const double value = from + (to - from) * t;
    const SweepNumber* number = find_sweep(name);
    return number && number->whole ? std::round(value) : value;
}

Expected<Sweep> sweep_from(std::string_view text) {
    const std::string_view all = text;
    const std::string_view name = cut(text, '=');
    if (!find_sweep(name)) return fail("'{}' is not NAME=FROM:TO, where NAME is one of {}", all, sweep_names());
    const auto from = parse_number<double>(cut(text, ':')), to = parse_number<double>(text);
    if (!from || !to || !std::isfinite(*from) || !std::isfinite(*to))
        return fail("'{}' is not NAME=FROM:TO with two numbers, as in {}=1:8", all, name);
    return Sweep{std::string(name), *from, *to};
}

Expected<Document> swept(const Output& base, std::span<const Sweep> sweeps, double t) {
    Document document = base.document;
    for (const Sweep& sweep : sweeps) {
        const SweepNumber* number = find_sweep(sweep.name);
        if (!number) return fail("{}: there is no such number; there are {}", sweep.name, sweep_names());
        if (auto ok = number->put(document, sweep.at(t), base); !ok)
            return fail("{}: {}", sweep.name, ok.error().message);
    }
    return document;
}

}  // namespace convlens
