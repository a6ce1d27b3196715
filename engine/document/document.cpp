/// Document functions: kernels, effective settings, titles.
#include "engine/document/document.h"
#include "engine/core/sentence.h"
#include "engine/document/embedded.h"

#include <fmt/ranges.h>

#include <filesystem>

#include "engine/core/overloaded.h"
#include "engine/core/printable.h"

namespace convlens {
namespace {

constexpr std::size_t max_title_bytes = 900;  ///< Sessions hold titles of at most 1000 bytes.

/// Returns true if the first convolution or locally connected layer takes three channels.
bool wants_color(const Document& document) {
    if (const auto* network = std::get_if<LayeredNetwork>(&document.network)) {
        for (const LayerSpec& layer : network->architecture->layers) {
            if (const auto* conv = std::get_if<Conv2dSpec>(&layer.operation)) return conv->in_channels == 3;
            if (const auto* local = std::get_if<LocallyConnected2dSpec>(&layer.operation))
                return local->in_channels == 3;
        }
        return false;
    }
    // Edge filters have one channel per group. Random kernels adapt to the input, with at least one channel per group.
    const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
    return (loaded ? loaded->weight->shape().c : 1) * std::int64_t{document.conv.groups} == 3;
}

}  // namespace

std::shared_ptr<const Architecture> known_architecture(const NetworkOrigin& origin) {
    if (origin == KnownNetwork::largenet) return std::make_shared<const Architecture>(largenet());
    if (origin == KnownNetwork::alexnet) return std::make_shared<const Architecture>(alexnet());
    return nullptr;
}

void choose_kernels(Document& document, decltype(Kernels::bank) bank) {
    const Size2 kernel = std::visit(Overloaded{[](const EdgeKernels&) { return edge_kernel_size; },
                                               [](const RandomKernels& r) { return r.kernel_size; },
                                               [](const LoadedKernels& l) {
                                                   return Size2{l.weight->shape().h, l.weight->shape().w};
                                               }},
                                    bank);
    const auto* loaded = std::get_if<LoadedKernels>(&bank);
    const bool alexnet = loaded && loaded->origin == KnownKernels::alexnet;
    document.conv = ConvParams{};
    document.conv.stride = alexnet ? Size2{4, 4} : Size2{1, 1};
    document.conv.padding = alexnet ? Size2{2, 2} : Size2{kernel.h / 2, kernel.w / 2};
    // Zeros around a photo create edges that dominate the photo's own edges.
    if (std::holds_alternative<EdgeKernels>(bank)) document.conv.padding_mode = PaddingMode::replicate;
    document.kernels.bank = std::move(bank);
    document.kernels.bias = true;
}

std::string kernels_title(const Kernels& kernels) {
    return printable(
        std::visit(Overloaded{[](const EdgeKernels&) { return fmt::format("{} edge filters", edge_kernels().size()); },
                              [](const RandomKernels& r) {
                                  return fmt::format("{} random kernels {}, seed {}", r.out_channels,
                                                     to_string(r.kernel_size), r.seed);
                              },
                              [](const LoadedKernels& l) { return l.title; }},
                   kernels.bank),
        max_title_bytes);
}

std::string input_title(const Input& input) {
    return printable(std::visit(
        Overloaded{
            [](const PictureInput& p) {
                std::string title = picture_title(p.pictures.front().origin);
                if (p.pictures.size() > 1) title += fmt::format(" and {} more", p.pictures.size() - 1);
                return title;
            },
            [](const PatternInput& p) { return fmt::format("{} {}x{}", to_string(p.pattern), p.size.w, p.size.h); },
            [](const TensorInput& t) { return std::filesystem::path(t.path).filename().string(); }},
        input.source));
}

Normalize effective_normalize(const Document& document) {
    if (std::holds_alternative<TensorInput>(document.input.source)) return Normalize::none;
    if (document.input.normalize) return *document.input.normalize;
    if (const auto* network = std::get_if<LayeredNetwork>(&document.network)) return network->architecture->normalize;
    const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
    return loaded ? loaded->trained_with : Normalize::none;
}

std::optional<Size2> effective_resize(const Document& document) {
    if (std::holds_alternative<TensorInput>(document.input.source)) return std::nullopt;
    if (document.input.resize) return document.input.resize;
    const auto* network = std::get_if<LayeredNetwork>(&document.network);
    return network ? network->architecture->input_size : std::nullopt;
}

void choose_network(Document& document, NetworkChoice network) {
    document.network = std::move(network);
    document.layer.clear();
}

int effective_channels(const Document& document) {
    if (const auto* raw = std::get_if<TensorInput>(&document.input.source)) return raw->tensor->shape().c;
    return document.input.gray && !wants_color(document) ? 1 : 3;
}

std::string network_title(const Document& document) {
    const auto* network = std::get_if<LayeredNetwork>(&document.network);
    if (!network) return kernels_title(document.kernels);
    return printable(std::visit(Overloaded{[&](const RandomWeights& r) {
                                               return fmt::format("{}, random weights (seed {})",
                                                                  network->architecture->name, r.seed);
                                           },
                                           [](const LoadedWeights& l) { return l.title; }},
                                network->weights),
                     max_title_bytes);
}

std::string input_note(const Document& document) {
    std::vector<std::string> done;
    if (const auto size = effective_resize(document)) done.push_back(sentence("resized to {}x{}", size->w, size->h));
    const bool picture = !std::holds_alternative<TensorInput>(document.input.source);
    if (picture && document.input.gray && effective_channels(document) == 3)
        done.push_back(sentence("gray in three equal channels"));
    const Normalize how = effective_normalize(document);
    if (how == Normalize::half) done.push_back(sentence("normalized (x - 0.5) / 0.5"));
    if (how == Normalize::imagenet) done.push_back(sentence("normalized as for ImageNet"));
    return fmt::format("{}", fmt::join(done, ", "));
}

}  // namespace convlens
