/// Names, help and languages of the options.
#include "app/cli/options.h"

#include <functional>

#include "engine/core/color.h"
#include "engine/core/numbers.h"
#include "engine/cpu/simd.h"
#include "engine/session/session.h"

namespace convlens {
namespace {

/// "WxH+X+Y"
std::optional<Rect> rect_from(std::string_view text) {
    const auto w = parse_number<int>(cut(text, 'x')), h = parse_number<int>(cut(text, '+')),
               x = parse_number<int>(cut(text, '+')), y = parse_number<int>(text);
    if (!w || !h || !x || !y || *w < 1 || *h < 1 || *x < 0 || *y < 0) return std::nullopt;
    return Rect{*x, *y, *w, *h};
}

/// "WxH", unlike the pairs of hyper-parameters width first.
std::optional<Size2> picture_size_from(std::string_view text) {
    const auto w = parse_number<int>(cut(text, 'x')), h = parse_number<int>(text);
    if (!w || !h || *w < 1 || *h < 1) return std::nullopt;
    return Size2{*h, *w};
}

/// A cell of a picture that can be written at all.
std::optional<Size2> cell_from(std::string_view text) {
    const auto size = picture_size_from(text);
    return size && size->w <= max_picture_side && size->h <= max_picture_side ? size : std::nullopt;
}

/// "DX,DY"
std::optional<Size2> shift_from(std::string_view text) {
    const auto x = parse_number<int>(cut(text, ',')), y = parse_number<int>(text);
    if (!x || !y) return std::nullopt;
    return Size2{*y, *x};
}

/// "RRGGBB"
std::optional<Rgba> opaque_from(std::string_view text) { return text.size() == 6 ? rgba_from(text) : std::nullopt; }

std::optional<Size2> positive_pair(std::string_view text) { return size_from(text, 1); }
std::optional<Size2> padding_pair(std::string_view text) { return size_from(text, 0); }

/// Makes a parser of optional values a check that explains what was expected.
template <class Parse>
std::function<std::string(const std::string&)> expects(Parse parse, std::string what) {
    return [=](const std::string& text) {
        return parse(text) ? std::string() : fmt::format("'{}' is not {}", text, what);
    };
}

/// The same for parsers that explain themselves.
template <class Parse>
std::function<std::string(const std::string&)> explains(Parse parse) {
    return [=](const std::string& text) {
        const auto value = parse(text);
        return value ? std::string() : value.error().message;
    };
}

std::string words(std::span<const std::string_view> names) { return fmt::format("{}", fmt::join(names, ", ")); }

std::function<std::string(const std::string&)> only(std::vector<std::string> known, std::string later) {
    return [=](const std::string& text) {
        for (const auto& word : known)
            if (word == text) return std::string();
        return fmt::format("'{}' is not one of {}{}", text, fmt::join(known, ", "), later);
    };
}

}  // namespace

void DocumentOptions::add_to(CLI::App& app) {
    constexpr const char* group = "Document";
    const auto text = [&](const char* name, std::string& value, const std::string& help) {
        return app.add_option(name, value, help)->group(group);
    };
    text("--session", session, "A session saved by Convlens (.json or .zip); the options beside it change it");
    app.add_option("--image", images,
                   "Image file, sample:NAME or pattern:NAME[:WxH]; repeat for a batch (default sample:cat)")
        ->group(group)
        ->allow_extra_args(false);
    text("--tensor", tensor, "Input taken as it is: a .npy of (C,H,W) or (N,C,H,W)")->excludes("--image");
    app.add_option("--batch", batch, "Number of draws of pattern:noise (default 1)")
        ->check(CLI::Range(1, 65536))
        ->group(group);
    text("--resize", resize, "Resize the image to WxH")->check(expects(picture_size_from, "WxH, as in 224x224"));
    text("--crop", crop, "Cut WxH+X+Y out of the image")->check(expects(rect_from, "WxH+X+Y, as in 100x80+10+20"));
    text("--shift", shift, "Move the image by DX,DY pixels, black moves in")
        ->check(expects(shift_from, "DX,DY, as in 3,-2"));
    text("--background", background, "RRGGBB behind transparent pixels (default ffffff)")
        ->check(expects(opaque_from, "RRGGBB, as in ffffff"));
    text("--normalize", normalize,
         "none, imagenet or half on [0,1] pixels (default: what the kernels were trained with)")
        ->check(expects(normalize_from, "one of " + words(normalize_names())));
    app.add_flag("--gray", gray,
                 "0.299 R + 0.587 G + 0.114 B in one channel, or in three equal ones where the kernels take three")
        ->group(group);
    text("--network", network,
         "conv: one convolution, described by the options below (default); largenet; alexnet; or a .json file of "
         "layers");
    text("--layer", layer, "Whose output is shown: a name or an index (default: the last that has weights)");
    text("--weights", weights,
         "For conv: edges[:luminance|:sum], random:OUTxK[:SEED], alexnet (default), or FILE[:KEY] (.npy, .npz, "
         ".safetensors, .pth). For other "
         "networks: random[:SEED], or a FILE of all their weights; for alexnet also convlens or torchvision (default: "
         "torchvision's "
         "file if it is on this machine)");
    text("--bias", bias, "FILE[:KEY] or none (default: the weight file's bias if it has one)");
    text("--stride", stride, "S or SHxSW (default: what the kernels are meant for)")
        ->check(expects(positive_pair, "S or SHxSW of at least 1"));
    text("--padding", padding, "P, PHxPW or same (default: what the kernels are meant for)")
        ->check(expects([](const std::string& t) { return t == "same" || padding_pair(t); }, "P, PHxPW or same"));
    text("--dilation", dilation, "D or DHxDW (default 1)")->check(expects(positive_pair, "D or DHxDW of at least 1"));
    app.add_option("--groups", groups, "Groups of channels that don't see each other (default 1)")
        ->check(CLI::Range(1, 1 << 20))
        ->group(group);
    text("--padding-mode", padding_mode,
         words(padding_mode_names()) + " (default zeros; replicate for the edge filters)")
        ->check(expects(padding_mode_from, "one of " + words(padding_mode_names())));
    app.add_flag("--flip", flip, "True convolution: kernels turned by 180 degrees")->group(group);
    app.add_flag("--relu", relu, "A ReLU after the convolution")->group(group);
    text("--max-pool", max_pool, "A MaxPool2d of K or KHxKW after it")
        ->check(expects(positive_pair, "K or KHxKW of at least 1"));
}

void LookOptions::add_to(CLI::App& app) {
    constexpr const char* group = "Look";
    const auto text = [&](const char* name, std::string& value, const std::string& help) {
        return app.add_option(name, value, help)->group(group);
    };
    text("--scale", scale,
         "per-channel, shared, symmetric, per-channel-symmetric or fixed:LO:HI: what maps to the ends of the colour "
         "map (default per-channel)")
        ->check(explains(scale_from));
    text("--colormap", colormap, words(colormap_names()) + " (default viridis; coolwarm on a symmetric scale)")
        ->check(expects(colormap_from, "one of " + words(colormap_names())));
    text("--cell", cell, "Size of a cell as WxH (default: one pixel a value)")
        ->check(expects(cell_from, fmt::format("WxH, as in 120x90, {} at most", max_picture_side)));
    text("--channels", channels, "Which channels, as in 0-63 or 3,7,12 (default all)")->check(explains(channels_from));
    text("--sort", sort, "index, mean, max or energy (default index)")->check(explains(sort_from));
    app.add_option("--columns", columns, "Cells in a row (default 8)")->check(CLI::Range(1, 4096))->group(group);
    app.add_option("--gap", gap, "Pixels between the cells (default 2)")->check(CLI::Range(0, 1024))->group(group);
    app.add_flag("--hide-dead", hide_dead, "Leave out channels that have one value everywhere")->group(group);
    app.add_flag("--mark-beyond", mark_beyond, "Draw values below the scale in light blue and those above it in pink")
        ->group(group);
    app.add_option("--item", item, "Which item of the batch (default 0)")->check(CLI::Range(0, 65535))->group(group);
}

void LookOptions::change(Look& look) const {
    if (!scale.empty()) look.scale = scale_from(scale).value();
    if (!colormap.empty()) look.colormap = colormap_from(colormap);
    if (!cell.empty()) look.cell = picture_size_from(cell).value();
    if (!channels.empty()) look.channels = channels_from(channels).value();
    if (!sort.empty()) look.sort = sort_from(sort).value();
    if (columns) look.columns = *columns;
    if (item) look.item = *item;
    if (gap) look.gap = *gap;
    if (hide_dead) look.hide_dead = true;
    if (mark_beyond) look.mark_beyond = true;
}

void BackendOptions::add_to(CLI::App& app) {
    constexpr const char* group = "Back end";
    app.add_option("--backend", backend,
                   "auto: OpenGL if a graphics card computes it, else the CPU; cpu; gl: OpenGL whatever computes it")
        ->check(only({"auto", "cpu", "gl"}, ""))
        ->group(group)
        ->capture_default_str();
    app.add_option("--threads", cpu.threads, "Threads of the CPU back end, 0 for one a core")
        ->check(CLI::Range(0, 4096))
        ->group(group)
        ->capture_default_str();
    app.add_option("--isa", cpu.isa, "Instruction set of the CPU back end (default: the best there is)")
        ->check(explains(find_simd))
        ->group(group);
    app.add_option("--shader-dir", gl.shader_dir,
                   "Read OpenGL's shaders from this folder instead of the program itself")
        ->check(CLI::ExistingDirectory)
        ->group(group);
}

namespace {

/// The convolution's kernels, where the options name some or no session has any.
Expected<void> set_kernels(const DocumentOptions& o, const Assets& assets, Document& document) {
    if (o.session.empty() || !o.weights.empty()) {
        auto kernels = open_kernels(o.weights.empty() ? "alexnet" : o.weights, assets);
        if (!kernels) return tl::unexpected(kernels.error());
        choose_kernels(document, std::move(kernels->bank));
        document.kernels.grey = kernels->grey;
    }
    if (o.bias == "none") {
        document.kernels.bias = false;
    } else if (!o.bias.empty()) {
        auto bias = open_bias(o.bias);
        if (!bias) return tl::unexpected(bias.error());
        auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
        if (!loaded)
            return fail("{}: a bias from a file goes with kernels from a file, here are {}", o.bias,
                        kernels_title(document.kernels));
        loaded->bias = *bias;
        document.kernels.bias = true;
    }
    return {};
}

/// One convolution: kernels and hyper-parameters.
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

/// A network of layers; options that describe one convolution have no meaning for it.
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
            return fail("{} describes the one convolution of --network conv, the network is {}", name,
                        o.network.empty() ? network_title(document) : o.network);
    if (auto* layered = std::get_if<LayeredNetwork>(&document.network);
        layered && o.network.empty()) {  // the session's
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

}  // namespace

Expected<Document> make_document(const DocumentOptions& o, const LookOptions& look, const NetworkPlaces& places) {
    Document document;
    if (!o.session.empty()) {
        auto session = open_session(o.session, places);
        if (!session) return session;
        document = std::move(*session);
    }
    look.change(document.look);
    if (!o.tensor.empty()) {
        auto tensor = open_tensor(o.tensor);
        if (!tensor) return tl::unexpected(tensor.error());
        document.input.source = *tensor;
    } else if (auto* pattern = std::get_if<PatternInput>(&document.input.source);
               pattern && o.images.empty() && !o.session.empty()) {
        if (o.batch) pattern->batch = *o.batch;
    } else if (o.session.empty() || !o.images.empty()) {
        const std::vector<std::string> cat{"sample:cat"};
        auto source = open_input(o.images.empty() ? cat : o.images, o.batch.value_or(1), places.assets);
        if (!source) return tl::unexpected(source.error());
        document.input.source = std::move(*source);
    }
    if (!o.resize.empty()) document.input.resize = picture_size_from(o.resize);
    if (!o.crop.empty()) document.input.crop = rect_from(o.crop);
    if (!o.shift.empty()) document.input.shift = *shift_from(o.shift);
    if (!o.background.empty()) document.input.background = *opaque_from(o.background);
    if (!o.normalize.empty()) document.input.normalize = normalize_from(o.normalize);
    if (o.gray) document.input.gray = true;
    const bool one_convolution =
        o.network.empty() ? std::holds_alternative<ConvChain>(document.network) : o.network == "conv";
    const auto ok = one_convolution ? set_conv(o, places.assets, document) : set_layers(o, places, document);
    if (!ok) return tl::unexpected(ok.error());
    if (!o.layer.empty()) document.layer = o.layer;
    return document;
}

}  // namespace convlens
