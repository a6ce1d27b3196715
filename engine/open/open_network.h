/// From the words of the command line and the file browser to a network and its weights.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "engine/open/open.h"

namespace convlens {

/// Where networks and weights are looked for.
struct NetworkPlaces {
    Assets assets;
    std::vector<std::filesystem::path> torch_checkpoints;  ///< Folders where torch.hub keeps its files, best first.
};

/// What --network takes: "largenet", "alexnet", or a file of layers (docs/NETWORK_FORMAT.md). Not for "conv", which is
/// a ConvChain. `weights` is what --weights takes then:
///   "random[:SEED]"  fresh weights
///   "convlens"       for alexnet: those that come with the program, of the convolutions only
///   "torchvision"    for alexnet: the file that torchvision downloads, from places.torch_checkpoints
///   FILE             a .safetensors, an .npz or what else TensorFile reads; see match_checkpoint()
///   ""               alexnet: torchvision's file where there is one, else "convlens"; others: "random:1"
/// Fails in a sentence that names the spec or the file.
Expected<LayeredNetwork> open_network(std::string_view spec, std::string_view weights, const NetworkPlaces& places);

/// The weights alone, for a network that is there already. The same words and failures.
Expected<decltype(LayeredNetwork::weights)> open_network_weights(const LayeredNetwork& network,
                                                                 std::string_view weights, const NetworkPlaces& places);

/// Weights that have an origin, for a network that is there already. Fails as open_network().
Expected<LoadedWeights> open_checkpoint(const LayeredNetwork& network, const CheckpointOrigin& origin,
                                        const NetworkPlaces& places);

}  // namespace convlens
