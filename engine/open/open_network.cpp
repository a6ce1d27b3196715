/// Parses what the user writes for networks and weights, and opens them.
#include "engine/open/open_network.h"

#include <algorithm>

#include "engine/core/numbers.h"
#include "engine/core/sentence.h"
#include "engine/io/network_json.h"
#include "engine/io/onnx.h"
#include "engine/io/tensor_file.h"
#include "engine/open/checkpoint.h"
#include "engine/open/torchvision.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;
using Weights = decltype(LayeredNetwork::weights);

/// Returns the name of the last layer that can run with `parameters`: "classifier.0". Returns "nothing" if the first
/// layer can't run, and "" if all layers can.
std::string last_with_weights(const Architecture& architecture, const ParameterMap& parameters) {
    std::string last = "nothing";
    for (const LayerSpec& layer : architecture.layers) {
        if (!with_parameters(layer, parameters)) return last;
        last = layer.name;
    }
    return {};
}

/// Loads the weights of `network` from the file `path`. `title` is the display title; if it is empty, the title in the
/// file's metadata or the names of network and file are used.
Expected<LoadedWeights> load(const LayeredNetwork& network, const CheckpointOrigin& origin, const fs::path& path,
                             std::string title) {
    const auto file = TensorFile::open(path);
    if (!file) return tl::unexpected(file.error());
    const Architecture& architecture = *network.architecture;
    auto checkpoint = match_checkpoint(*file, path.filename().string(), architecture.layers, architecture.name);
    if (!checkpoint) return tl::unexpected(checkpoint.error());
    const auto own_title = file->metadata().find("title");
    if (title.empty())
        title = own_title != file->metadata().end()
                    ? own_title->second
                    : fmt::format("{}, {}", architecture.name, path.filename().string());
    if (const std::string last = last_with_weights(architecture, checkpoint->parameters); !last.empty())
        // A file that Convlens has written has it in its title.
        if (const std::string part = fmt::format(", up to {}", last); !title.ends_with(part)) title += part;
    return LoadedWeights{origin, std::move(title),
                         std::make_shared<const ParameterMap>(std::move(checkpoint->parameters)),
                         std::make_shared<const CheckpointReport>(std::move(checkpoint->report))};
}

/// Loads torchvision's file if there is one; otherwise the weights shipped with the program, unless `only_torchvision`.
Expected<LoadedWeights> load_alexnet(const LayeredNetwork& network, bool only_torchvision,
                                     const NetworkPlaces& places) {
    const auto genuine = find_torchvision_alexnet(places.torch_checkpoints);
    if (!genuine) return tl::unexpected(genuine.error());
    if (*genuine) return load(network, KnownCheckpoint::torchvision, **genuine, "AlexNet (torchvision, ImageNet)");
    if (!only_torchvision) return open_checkpoint(network, KnownCheckpoint::convlens, places);
    return fail(
        "torchvision's AlexNet is not on this machine: scripts/get-weights alexnet fetches it into {}",
        places.torch_checkpoints.empty() ? sentence("torch.hub's folder") : places.torch_checkpoints.front().string());
}

/// Returns the name of a network that comes with the program: "resnet18"; empty for others.
std::string shipped_name(const LayeredNetwork& network, const Assets& assets) {
    if (!network.origin.is_file()) return {};
    const fs::path path = network.origin.path();
    const std::string name = path.stem().string();
    const bool known = std::ranges::find(shipped_networks(), name) != shipped_networks().end();
    return known && path == shipped_network_file(name, assets) ? name : std::string();
}

Expected<Weights> random_from(std::string_view spec) {
    std::string_view rest = spec;
    cut(rest, ':');
    const auto seed = rest.empty() ? std::optional<std::uint32_t>(1) : parse_number<std::uint32_t>(rest);
    if (!seed) return fail("weights '{}' are not of the form random[:SEED], as in random:7", spec);
    return RandomWeights{*seed};
}

}  // namespace

Expected<Weights> open_network_weights(const LayeredNetwork& network, std::string_view weights,
                                       const NetworkPlaces& places) {
    if (weights == "random" || weights.starts_with("random:")) return random_from(weights);
    if (const std::string name = shipped_name(network, places.assets);
        !name.empty() && (weights.empty() || weights == "torchvision")) {
        const auto file = find_torchvision(name, places.torch_checkpoints);
        if (!file) return tl::unexpected(file.error());
        if (*file) return load(network, CheckpointOrigin::file((*file)->string()), **file, {});
        if (weights.empty()) return RandomWeights{};
        return fail("torchvision's weights of {0} are not on this machine: scripts/get-weights {0} fetches them", name);
    }
    if (!weights.empty()) return open_checkpoint(network, CheckpointOrigin::parse(weights), places);
    if (network.origin == KnownNetwork::alexnet) return load_alexnet(network, false, places);
    const auto has_weights = [](const LayerSpec& layer) { return !parameters_of(layer.operation).empty(); };
    if (is_onnx(network.origin.path()) && std::ranges::any_of(network.architecture->layers, has_weights))
        return open_checkpoint(network, CheckpointOrigin::file(network.origin.path()), places);
    return RandomWeights{};
}

Expected<LoadedWeights> open_checkpoint(const LayeredNetwork& network, const CheckpointOrigin& origin,
                                        const NetworkPlaces& places) {
    if (origin.is_file()) return load(network, origin, origin.path(), {});
    if (network.origin != KnownNetwork::alexnet)
        return fail("weights '{}' are for AlexNet, but the network is {}", origin.text(), network.architecture->name);
    if (origin == KnownCheckpoint::torchvision) return load_alexnet(network, true, places);
    return load(network, origin, places.assets / "weights" / "alexnet_features.safetensors", {});
}

Expected<Architecture> load_architecture(const fs::path& path) {
    return is_onnx(path) ? load_onnx_architecture(path) : load_network(path);
}

std::span<const std::string_view> shipped_networks() {
    static constexpr std::string_view names[] = {"convnext_tiny",
                                                 "densenet121",
                                                 "efficientnet_b0",
                                                 "googlenet",
                                                 "inception_v3",
                                                 "mobilenet_v2",
                                                 "mobilenet_v3_large",
                                                 "mobilenet_v3_small",
                                                 "resnet18",
                                                 "resnet34",
                                                 "resnet50",
                                                 "resnet101",
                                                 "squeezenet1_0",
                                                 "squeezenet1_1",
                                                 "vgg11",
                                                 "vgg11_bn",
                                                 "vgg13",
                                                 "vgg13_bn",
                                                 "vgg16",
                                                 "vgg16_bn",
                                                 "vgg19",
                                                 "vgg19_bn"};
    return names;
}

fs::path shipped_network_file(std::string_view name, const Assets& assets) {
    return assets / "networks" / fmt::format("{}.json", name);
}

Expected<LayeredNetwork> open_network(std::string_view spec, std::string_view weights, const NetworkPlaces& places) {
    const bool shipped = std::ranges::find(shipped_networks(), spec) != shipped_networks().end();
    const fs::path file = shipped ? shipped_network_file(spec, places.assets) : fs::path(spec);
    const auto origin = NetworkOrigin::parse(file.string());
    LayeredNetwork network{origin, known_architecture(origin), RandomWeights{}};
    if (!network.architecture) {
        auto architecture = load_architecture(file);
        if (!architecture) return tl::unexpected(architecture.error());
        network.architecture = std::make_shared<const Architecture>(std::move(*architecture));
    }
    auto opened = open_network_weights(network, weights, places);
    if (!opened) return tl::unexpected(opened.error());
    network.weights = std::move(*opened);
    return network;
}

}  // namespace convlens
