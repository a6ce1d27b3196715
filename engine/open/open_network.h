/// Opens the network and weights that the command line and the file browser specify.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "engine/open/open.h"

namespace convlens {

/// Folders that are searched for networks and weights.
struct NetworkPlaces {
    Assets assets;
    /// Folders where torch.hub stores downloaded weights, in order of preference.
    std::vector<std::filesystem::path> torch_checkpoints;
};

/// Returns the layers of the network file at `path`: ONNX if its extension is .onnx, otherwise JSON.
Expected<Architecture> load_architecture(const std::filesystem::path& path);

/// Returns the names of the networks of torchvision whose layers come with the program: "resnet18".
std::span<const std::string_view> shipped_networks();

/// Returns the network file of a network that comes with the program.
std::filesystem::path shipped_network_file(std::string_view name, const Assets& assets);

/// Opens the argument of --network: "largenet", "alexnet", one of shipped_networks(), or a file of layers
/// (docs/NETWORK_FORMAT.md). The argument
/// "conv" means a ConvChain and is not for this function. `weights` is the argument of --weights:
///   "random[:SEED]"  random weights
///   "convlens"       for alexnet: the weights shipped with the program, of the convolutions only
///   "torchvision"    for alexnet and shipped_networks(): the file that torchvision downloads, from
///                    places.torch_checkpoints
///   FILE             a file that TensorFile reads, such as .safetensors, .npz or .pth; see match_checkpoint()
///   ""               torchvision's file if there is one, otherwise, for alexnet, "convlens"; for an ONNX file: its own
///                    weights; for others: "random:1"
/// Fails with a sentence that contains the argument or the file.
Expected<LayeredNetwork> open_network(std::string_view spec, std::string_view weights, const NetworkPlaces& places);

/// Opens weights for the layers of `network`, whose own weights are ignored. Takes the same `weights` and fails like
/// open_network().
Expected<decltype(LayeredNetwork::weights)> open_network_weights(const LayeredNetwork& network,
                                                                 std::string_view weights, const NetworkPlaces& places);

/// Opens the weights of `origin` for the layers of `network`, whose own weights are ignored. Fails like open_network().
Expected<LoadedWeights> open_checkpoint(const LayeredNetwork& network, const CheckpointOrigin& origin,
                                        const NetworkPlaces& places);

}  // namespace convlens
