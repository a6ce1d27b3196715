/// Exports other than the grid: one function per kind.
#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/explain/explain_picture.h"
#include "engine/export/export.h"
#include "engine/io/image_file.h"
#include "engine/io/tensor_file.h"
#include "engine/view/kernel_picture.h"

namespace convlens {
namespace {

Encode as_png(Image image) {
    return [image = std::make_shared<const Image>(std::move(image))]() -> Expected<std::vector<std::byte>> {
        auto bytes = encode_png(*image);
        if (bytes.empty()) return fail("{} x {} pixels are too many for a PNG file", image->width, image->height);
        return bytes;
    };
}

Encode as_text(const std::string& text) {
    return [text]() -> Expected<std::vector<std::byte>> {
        const auto bytes = std::as_bytes(std::span(text));
        return std::vector<std::byte>(bytes.begin(), bytes.end());
    };
}

/// Everything that an export function needs.
struct Job {
    const Output& output;
    const ExportOrder& order;
    Backend& backend;
    const Typeface& typeface;
    const Cancel& cancel;

    const std::string& layer() const { return output.plan.layers[static_cast<std::size_t>(output.plan.layer)].name; }
    int item() const { return output.document.display.item; }
};

/// Returns the color scale of `channel` in the grid; its own scale if the grid does not show it. Fails if the layer has
/// no such channel.
Expected<Range> range_of(const Output& output, int channel) {
    const DisplayOptions& display = output.document.display;
    const auto stats = output.activations->stats(display.item);
    if (channel < 0 || static_cast<std::size_t>(channel) >= stats.size())
        return fail("channel {} does not exist: the layer has channels 0 to {}", channel, stats.size() - 1);
    auto shown = shown_channels(display, stats);
    if (!shown) return tl::unexpected(shown.error());
    auto at = std::find(shown->begin(), shown->end(), channel);
    if (at == shown->end()) {
        shown->assign({channel});
        at = shown->begin();
    }
    return channel_ranges(display, stats, *shown)[static_cast<std::size_t>(at - shown->begin())];
}

Expected<Encode> grid(const Job& job) {
    Output output = job.output;
    if (job.order.cell != Size2{}) output.document.display.cell = job.order.cell;
    if (job.order.what == Export::channel) {
        const auto range = range_of(job.output, job.order.channel);
        if (!range) return tl::unexpected(range.error());
        output.document.display = alone(output.document.display, job.order.channel, *range);
        output.document.display.gap = 0;
    }
    return export_grid(output, job.order.annotations, job.typeface, job.cancel).map(as_png);
}

/// Returns the longer side, in pixels, of the maps above terms of `term_pixels`.
constexpr int map_side(int term_pixels) { return std::clamp(term_pixels * 5, 160, 1024); }

/// Returns a picture of the input whose longer side has about `side` pixels. Pixels of a small input become squares.
Image input_map(const Output& output, int side) {
    const Image small = input_thumbnail(output, side);
    const int scale = std::max(1, side / std::max(small.width, small.height));
    Image image(small.width * scale, small.height * scale);
    paste(image, small, 0, 0, scale);
    return image;
}

Expected<Encode> microscope(const Job& job) {
    const Output& o = job.output;
    const PixelPosition& position = job.order.position;
    const Shape s = o.activations->shape();
    if (position.channel < 0 || position.y < 0 || position.x < 0 || position.channel >= s.c || position.y >= s.h ||
        position.x >= s.w)
        return fail("channel {}, y {}, x {} does not exist: layer {} is {} x {} x {}", position.channel, position.y,
                    position.x, job.layer(), s.c, s.h, s.w);
    const auto e = explain(o.network, o.input, o.plan.layer, job.item(), position, job.backend, job.cancel);
    if (!e) return tl::unexpected(e.error());
    const int side = map_side(job.order.pixels);
    const Shape& in = o.input->shape();
    std::vector<MapPicture> maps{
        {fmt::format("input {} x {} x {}", in.c, in.h, in.w), input_map(o, side), {in.h, in.w}, e->boxes.front()}};
    if (s.plane() > 1) {
        const auto range = range_of(o, position.channel);
        if (!range) return tl::unexpected(range.error());
        DisplayOptions display = alone(o.document.display, position.channel, *range);
        display.gap = 0;
        const double scale = static_cast<double>(side) / std::max(s.h, s.w);
        display.cell = {std::max(1, static_cast<int>(std::lround(s.h * scale))),
                        std::max(1, static_cast<int>(std::lround(s.w * scale)))};
        auto image = o.activations->render_grid(display, job.cancel);
        if (!image) return tl::unexpected(image.error());
        maps.push_back({fmt::format("{} [{}] {} x {}", job.layer(), position.channel, s.h, s.w),
                        std::move(*image),
                        {s.h, s.w},
                        {position.x, position.y, 1, 1}});
    }
    const int channels = e->source == 0 ? in.c : o.numbers.layers[e->source - 1].output.c;
    return explanation_picture(*e, channels, maps, {job.order.pixels, job.order.annotations.paper}, job.typeface)
        .map(as_png);
}

Expected<Encode> activations(const Job& job) {
    auto read = all_values(*job.output.activations);
    if (!read) return tl::unexpected(read.error());
    const auto values = std::make_shared<const Tensor>(std::move(*read));
    if (job.order.format == ".npy")
        return [values]() -> Expected<std::vector<std::byte>> { return encode_npy(*values); };
    return [values, name = job.layer()] { return encode_npz({{name, *values}}); };
}

/// Draws all kernels, 8 per row. The longer side of each has about `pixels` pixels.
Expected<Image> strip(const Tensor& weight, int pixels) {
    const Shape& s = weight.shape();
    const int scale = std::max(1, pixels / std::max(s.h, s.w)), columns = std::min(8, s.n),
              rows = (s.n + columns - 1) / columns, gap = 2;
    const std::int64_t width = std::int64_t{columns} * (s.w * scale + gap) + gap,
                       height = std::int64_t{rows} * (s.h * scale + gap) + gap;
    if (std::max(width, height) > max_picture_side)
        return fail("the strip of kernels would be {} x {} pixels, more than {} per side", width, height,
                    max_picture_side);
    Image image(static_cast<int>(width), static_cast<int>(height), {255, 255, 255, 255});
    for (int o = 0; o < s.n; ++o)
        paste(image, kernel_picture(weight, o), gap + o % columns * (s.w * scale + gap),
              gap + o / columns * (s.h * scale + gap), scale);
    return image;
}

Expected<Encode> kernels(const Job& job) {
    const Conv2d* found = shown_convolution(job.output);
    if (!found) return fail("layer {} has no kernels to save", job.layer());
    const Conv2d conv = *found;
    if (job.order.format == ".png") return strip(*conv.weight, job.order.pixels).map(as_png);
    if (job.order.format == ".npy")
        return [conv]() -> Expected<std::vector<std::byte>> { return encode_npy(*conv.weight); };
    return [conv, title = network_title(job.output.document)]() -> Expected<std::vector<std::byte>> {
        std::vector<std::pair<std::string, ArrayView>> arrays{{"weight", *conv.weight}};
        if (conv.bias) arrays.emplace_back("bias", ArrayView({conv.weight->shape().n}, *conv.bias));
        return encode_safetensors(arrays, {{"title", title}});
    };
}

Expected<Encode> statistics(const Job& job) {
    return as_text(job.order.format == ".csv" ? stats_csv(job.output) : stats_json(job.output, job.backend) + "\n");
}

/// One kind of export: the file formats that it supports and the function that prepares it.
struct Kind {
    std::array<std::string_view, 3> formats;
    std::size_t count;
    Expected<Encode> (*make)(const Job&);
};
/// In the order of the enumerators of Export.
constexpr Kind kinds[] = {{{".png"}, 1, grid},
                          {{".png"}, 1, grid},
                          {{".png"}, 1, microscope},
                          {{".npy", ".npz"}, 2, activations},
                          {{".png", ".npy", ".safetensors"}, 3, kernels},
                          {{".csv", ".json"}, 2, statistics}};

}  // namespace

std::span<const std::string_view> export_formats(Export what) {
    const Kind& kind = kinds[static_cast<std::size_t>(what)];
    return {kind.formats.data(), kind.count};
}

Expected<Encode> prepare_export(const Output& output, const ExportOrder& order, Backend& backend,
                                const Typeface& typeface, const Cancel& cancel) {
    const auto formats = export_formats(order.what);
    if (std::find(formats.begin(), formats.end(), order.format) == formats.end())
        return fail("'{}' is not a file format of this export: expected one of {}", order.format,
                    fmt::join(formats, ", "));
    const int items = output.activations->shape().n;
    if (output.document.display.item < 0 || output.document.display.item >= items)
        return fail("item {} does not exist: the batch has items 0 to {}", output.document.display.item, items - 1);
    return kinds[static_cast<std::size_t>(order.what)].make({output, order, backend, typeface, cancel});
}

Image input_thumbnail(const Output& output, int max_side) {
    std::array<float, 3> lo{0, 0, 0}, hi{1, 1, 1};
    const Tensor& input = *output.input;
    const int item = std::clamp(output.document.display.item, 0, input.shape().n - 1);
    if (std::holds_alternative<TensorInput>(output.document.input.source) || input.shape().c != 3 ||
        effective_normalize(output.document) != Normalize::none) {
        for (int c = 0; c < std::min(input.shape().c, 3); ++c) {
            const auto [low, high] = std::minmax_element(input.plane(item, c).begin(), input.plane(item, c).end());
            lo[static_cast<std::size_t>(c)] = *low;
            hi[static_cast<std::size_t>(c)] = *high;
        }
    }
    return input_picture(input, item, max_side, lo.data(), hi.data());
}

std::string stats_csv(const Output& output) {
    std::string text = "channel,min,max,mean,mean_abs\n";
    int channel = 0;
    for (const ChannelStats& s : output.activations->stats(output.document.display.item))
        text += fmt::format("{},{},{},{},{}\n", channel++, s.min, s.max, s.mean, s.mean_abs);
    return text;
}

std::string stats_json(const Output& output, const Backend& backend) {
    using Json = nlohmann::ordered_json;
    const Shape s = output.activations->shape();
    Json channels = Json::array();
    const auto stats = output.activations->stats(output.document.display.item);
    for (std::size_t c = 0; c < stats.size(); ++c)
        channels.push_back({{"channel", c},
                            {"min", stats[c].min},
                            {"max", stats[c].max},
                            {"mean", stats[c].mean},
                            {"mean_abs", stats[c].mean_abs}});
    const std::string& layer = output.plan.layers[static_cast<std::size_t>(output.plan.layer)].name;
    const Json all{{"network", network_title(output.document)},
                   {"layer", layer},
                   {"shape", {s.n, s.c, s.h, s.w}},
                   {"backend", backend.name()},
                   {"milliseconds", output.forward_ms},
                   {"channels", channels}};
    return all.dump(2, ' ', true, Json::error_handler_t::replace);
}

}  // namespace convlens
