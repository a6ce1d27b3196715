/// What a document means: its kernels and its titles.
#include "engine/document.h"

#include <filesystem>

#include "engine/core/overloaded.h"

namespace convlens {
namespace {

/// More than this many weights in a random layer is a typing error (1 GB).
constexpr std::size_t max_random_weights = std::size_t{1} << 28;

}  // namespace

void choose_kernels(Document& document, decltype(Kernels::bank) bank) {
    const Size2 kernel = std::visit(Overloaded{[](const EdgeKernels&) { return edge_kernel_size; },
                                               [](const RandomKernels& r) { return r.kernel_size; },
                                               [](const LoadedKernels& l) {
                                                   return Size2{l.weight->shape().h, l.weight->shape().w};
                                               }},
                                    bank);
    const auto* loaded = std::get_if<LoadedKernels>(&bank);
    const bool alexnet = loaded && loaded->spec == "alexnet";
    document.conv = ConvParams{};
    document.conv.stride = alexnet ? Size2{4, 4} : Size2{1, 1};
    document.conv.padding = alexnet ? Size2{2, 2} : Size2{kernel.h / 2, kernel.w / 2};
    // Zeros round a photo are steps that drown the photo's own edges.
    if (std::holds_alternative<EdgeKernels>(bank)) document.conv.padding_mode = PaddingMode::replicate;
    document.kernels.bank = std::move(bank);
    document.kernels.bias = true;
}

std::string kernels_title(const Kernels& kernels) {
    return std::visit(
        Overloaded{[](const EdgeKernels&) { return fmt::format("{} edge filters", edge_kernels().size()); },
                   [](const RandomKernels& r) {
                       return fmt::format("{} random kernels {}, seed {}", r.out_channels, to_string(r.kernel_size), r.seed);
                   },
                   [](const LoadedKernels& l) { return l.title; }},
        kernels.bank);
}

std::string input_title(const Input& input) {
    return std::visit(
        Overloaded{[](const PictureInput& p) {
                       const std::string& spec = p.pictures.front().spec;
                       constexpr std::string_view sample = "sample:";
                       std::string title = spec.starts_with(sample) ? spec.substr(sample.size()) : std::filesystem::path(spec).filename().string();
                       if (p.pictures.size() > 1) title += fmt::format(" and {} more", p.pictures.size() - 1);
                       return title;
                   },
                   [](const PatternInput& p) {
                       return fmt::format("{} {}x{}", to_string(p.pattern), p.size.w, p.size.h);
                   },
                   [](const TensorInput& t) { return std::filesystem::path(t.path).filename().string(); }},
        input.source);
}

Normalize effective_normalize(const Document& document) {
    if (std::holds_alternative<TensorInput>(document.input.source)) return Normalize::none;
    if (document.input.normalize) return *document.input.normalize;
    const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank);
    return loaded ? loaded->trained_with : Normalize::none;
}

Expected<Network> build_network(const Document& document, int input_channels) {
    Conv2d conv;
    conv.params = document.conv;
    std::shared_ptr<const Tensor> weight;
    if (const auto* random = std::get_if<RandomKernels>(&document.kernels.bank)) {
        const int groups = std::max(document.conv.groups, 1);
        const Shape shape{random->out_channels, std::max(input_channels / groups, 1), random->kernel_size.h, random->kernel_size.w};
        if (random->out_channels < 1 || shape.h < 1 || shape.w < 1)
            return fail("random kernels {} of {}: expected at least one of at least 1x1", random->out_channels,
                        to_string(random->kernel_size));
        if (shape.count() > max_random_weights)
            return fail("random kernels {} would be {} weights: expected {} at most", to_string(shape), shape.count(),
                        max_random_weights);
        auto initial = random_weights(shape.n, shape.c, random->kernel_size, random->seed);
        weight = std::make_shared<const Tensor>(std::move(initial.weight));
        conv.bias = std::make_shared<const std::vector<float>>(std::move(initial.bias));
    } else if (const auto* loaded = std::get_if<LoadedKernels>(&document.kernels.bank)) {
        weight = loaded->weight;
        conv.bias = loaded->bias;
    } else {
        weight = std::make_shared<const Tensor>(edge_weights());
    }
    if (!document.kernels.bias) conv.bias = nullptr;
    const bool grey_kernels = weight->shape().c == 1 && input_channels > 1 && document.conv.groups == 1;
    if (grey_kernels)
        weight = std::make_shared<const Tensor>(spread_over_channels(*weight, input_channels, document.kernels.grey));
    conv.weight = std::move(weight);
    return Network{{Layer{"conv1", std::move(conv)}}};
}

}  // namespace convlens
