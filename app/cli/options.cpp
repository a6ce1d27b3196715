/// Parsers of option values, and the document that the options describe.
#include "app/cli/options.h"

#include <algorithm>

#include "app/cli/words.h"
#include "engine/core/color.h"
#include "engine/core/numbers.h"
#include "engine/document/fold_batch_norm.h"
#include "engine/io/frames.h"
#include "engine/session/session.h"

namespace convlens {

std::optional<Rect> rect_from(std::string_view text) {
    const auto w = parse_number<int>(cut(text, 'x')), h = parse_number<int>(cut(text, '+')),
               x = parse_number<int>(cut(text, '+')), y = parse_number<int>(text);
    if (!w || !h || !x || !y || *w < 1 || *h < 1 || *x < 0 || *y < 0) return std::nullopt;
    return Rect{*x, *y, *w, *h};
}

std::optional<Size2> picture_size_from(std::string_view text) {
    const auto w = parse_number<int>(cut(text, 'x')), h = parse_number<int>(text);
    if (!w || !h || *w < 1 || *h < 1) return std::nullopt;
    return Size2{*h, *w};
}

std::optional<Size2> cell_from(std::string_view text) {
    const auto size = picture_size_from(text);
    return size && size->w <= max_picture_side && size->h <= max_picture_side ? size : std::nullopt;
}

std::optional<Size2> shift_from(std::string_view text) {
    const auto x = parse_number<int>(cut(text, ',')), y = parse_number<int>(text);
    if (!x || !y) return std::nullopt;
    return Size2{*y, *x};
}

std::optional<Rgba> color_from(std::string_view text) { return text.size() == 6 ? rgba_from(text) : std::nullopt; }

std::optional<Size2> positive_pair(std::string_view text) { return size_from(text, 1); }
std::optional<Size2> padding_pair(std::string_view text) { return size_from(text, 0); }

std::optional<PixelPosition> position_from(std::string_view text) {
    const auto channel = parse_number<int>(cut(text, ',')), y = parse_number<int>(cut(text, ',')),
               x = parse_number<int>(text);
    if (!channel || !y || !x || *channel < 0 || *y < 0 || *x < 0) return std::nullopt;
    return PixelPosition{*channel, *y, *x};
}

std::optional<std::size_t> memory_from(std::string_view text) {
    constexpr struct {
        std::string_view name;
        double bytes;
    } units[] = {{"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"", 1}};
    constexpr double least = 64e6, most = 1e15;
    const auto* unit = std::ranges::find_if(units, [&](const auto& u) { return text.ends_with(u.name); });
    const auto number = parse_number<double>(text.substr(0, text.size() - unit->name.size()));
    if (!number || !(*number * unit->bytes >= least && *number * unit->bytes <= most)) return std::nullopt;
    return static_cast<std::size_t>(*number * unit->bytes);
}

void DisplayArguments::change(DisplayOptions& display) const {
    if (!scale.empty()) display.scale = scale_from(scale).value();
    if (!colormap.empty()) display.colormap = colormap_from(colormap);
    if (!cell.empty()) display.cell = picture_size_from(cell).value();
    if (!channels.empty()) display.channels = channels_from(channels).value();
    if (!sort.empty()) display.sort = sort_from(sort).value();
    if (columns) display.columns = *columns;
    if (item) display.item = *item;
    if (gap) display.gap = *gap;
    if (hide_dead) display.hide_dead = true;
    if (mark_beyond) display.mark_beyond = true;
}

namespace {

/// Sets the kernels and the bias of a single convolution. Without --weights, keeps the kernels of the session, or uses
/// AlexNet's if there is no session.
Expected<void> set_kernels(const DocumentOptions& o, const Assets& assets, Document& document) {
    if (o.session.empty() || !o.weights.empty()) {
        auto kernels = open_kernels(o.weights.empty() ? "alexnet" : o.weights, assets);
        if (!kernels) return tl::unexpected(kernels.error());
        choose_kernels(document, std::move(kernels->bank));
        document.kernels.gray = kernels->gray;
    }
    if (o.bias == "none") {
        document.kernels.bias = false;
    } else if (!o.bias.empty()) {
        auto bias = open_bias(o.bias);
        if (!bias) return tl::unexpected(bias.error());
        auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
        if (!loaded)
            return fail("{}: a bias from a file needs kernels from a file, but the kernels are {}", o.bias,
                        kernels_title(document.kernels));
        loaded->bias = *bias;
        document.kernels.bias = true;
    }
    return {};
}

/// Sets kernels, hyperparameters, ReLU and pooling of a single convolution.
Expected<void> set_conv(const DocumentOptions& o, const Assets& assets, Document& document) {
    if (auto ok = set_kernels(o, assets, document); !ok) return ok;
    ConvParams& conv = document.conv;
    if (!o.stride.empty()) conv.stride = *positive_pair(o.stride);
    if (o.padding == "same") {
        conv.same = true;
    } else if (!o.padding.empty()) {
        conv.same = false;
        conv.padding = *padding_pair(o.padding);
    }
    if (!o.dilation.empty()) conv.dilation = *positive_pair(o.dilation);
    if (!o.padding_mode.empty()) conv.padding_mode = *padding_mode_from(o.padding_mode);
    if (o.groups) conv.groups = *o.groups;
    if (o.flip) conv.flip = true;

    const auto* before = std::get_if<ConvChain>(&document.network);
    ConvChain chain = before ? *before : ConvChain{};
    if (o.relu) chain.relu = true;
    if (!o.max_pool.empty()) {
        const Size2 kernel = *positive_pair(o.max_pool);
        chain.pool = MaxPool2d{kernel, kernel, {0, 0}, {1, 1}, false};
    }
    if (!before || !(chain == *before)) choose_network(document, chain);
    return {};
}

/// Sets a network of several layers and its weights. Fails if an option is given that applies only to a single
/// convolution.
Expected<void> set_layers(const DocumentOptions& o, const NetworkPlaces& places, Document& document) {
    const std::pair<const char*, bool> conv_only[] = {{"--bias", !o.bias.empty()},
                                                      {"--stride", !o.stride.empty()},
                                                      {"--padding", !o.padding.empty()},
                                                      {"--dilation", !o.dilation.empty()},
                                                      {"--groups", o.groups.has_value()},
                                                      {"--padding-mode", !o.padding_mode.empty()},
                                                      {"--flip", o.flip},
                                                      {"--relu", o.relu},
                                                      {"--max-pool", !o.max_pool.empty()}};
    for (const auto& [name, given] : conv_only)
        if (given)
            return fail("{} describes the one convolution of --network conv, but the network is {}", name,
                        o.network.empty() ? network_title(document) : o.network);
    if (auto* layered = std::get_if<LayeredNetwork>(&document.network);
        layered && o.network.empty()) {  // keep the session's network
        if (o.weights.empty()) return {};
        auto weights = open_network_weights(*layered, o.weights, places);
        if (!weights) return tl::unexpected(weights.error());
        layered->weights = std::move(*weights);
        return {};
    }
    auto network = open_network(o.network, o.weights, places);
    if (!network) return tl::unexpected(network.error());
    choose_network(document, std::move(*network));
    return {};
}

/// Returns `path` with the frame and the frame to subtract that the options name.
FramePath chosen_frame(const DocumentOptions& o, const std::string& path) {
    FramePath chosen = split_frame(path);
    if (o.frame) chosen.frame = *o.frame;
    if (!o.minus.empty()) chosen.minus = minus_from(o.minus);
    return chosen;
}

}  // namespace

Expected<Document> make_document(const DocumentOptions& o, const DisplayArguments& display, const NetworkPlaces& places,
                                 std::optional<SceneView>* view) {
    Document document;
    if (!o.session.empty()) {
        auto session = open_session(o.session, places, view);
        if (!session) return session;
        document = std::move(*session);
    }
    display.change(document.display);
    if (!o.tensor.empty()) {
        auto tensor = open_tensor(o.tensor);
        if (!tensor) return tl::unexpected(tensor.error());
        document.input.source = *tensor;
    } else if (auto* pattern = std::get_if<PatternInput>(&document.input.source);
               pattern && o.images.empty() && !o.session.empty()) {
        if (o.batch) pattern->batch = *o.batch;
    } else if (o.session.empty() || !o.images.empty()) {
        const std::vector<std::string> cat{"sample:cat"};
        std::vector<std::string> images = o.images.empty() ? cat : o.images;
        for (std::string& image : images)
            if (o.frame || !o.minus.empty()) image = with_frame(chosen_frame(o, image));
        auto source = open_input(images, o.batch.value_or(1), places.assets);
        if (!source) return tl::unexpected(source.error());
        document.input.source = std::move(*source);
    } else if (auto* pictures = std::get_if<PictureInput>(&document.input.source);
               pictures && (o.frame || !o.minus.empty())) {
        for (auto& [origin, picture] : pictures->pictures) {
            if (origin.is_file()) origin = PictureOrigin::file(with_frame(chosen_frame(o, origin.path())));
            auto opened = open_picture(origin, places.assets);
            if (!opened) return tl::unexpected(opened.error());
            picture = std::move(*opened);
        }
    }
    if (!o.resize.empty()) document.input.resize = picture_size_from(o.resize);
    if (!o.crop.empty()) document.input.crop = rect_from(o.crop);
    if (!o.shift.empty()) document.input.shift = *shift_from(o.shift);
    if (!o.background.empty()) document.input.background = *color_from(o.background);
    if (!o.normalize.empty()) document.input.normalize = normalize_from(o.normalize);
    if (o.gray) document.input.gray = true;
    const bool one_convolution =
        o.network.empty() ? std::holds_alternative<ConvChain>(document.network) : o.network == "conv";
    const auto ok = one_convolution ? set_conv(o, places.assets, document) : set_layers(o, places, document);
    if (!ok) return tl::unexpected(ok.error());
    if (!o.layer.empty()) document.layer = o.layer;
    if (o.fold_batch_norm) {
        auto folded = fold_batch_norm(document, effective_channels(document));
        if (!folded) return tl::unexpected(folded.error());
        choose_folded(document, std::move(*folded));
    }
    return document;
}

}  // namespace convlens
