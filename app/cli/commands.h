/// The commands that need no window.
#pragma once

#include <string>
#include <vector>

#include "app/cli/options.h"

namespace convlens {

struct RenderOptions {
    std::string out;    ///< PNG of the grid.
    std::string data;   ///< .npy or .npz of the activations.
    bool stats = false;
};

/// Evaluates the document and writes what was asked for; the text of --stats goes to standard output.
/// Nothing is written when the evaluation fails.
Expected<void> render(const Document& document, const RenderOptions& options, const BackendOptions& backend);

struct NetworkOptions {
    bool json = false;
    std::string save_layers;   ///< .json, see docs/NETWORK_FORMAT.md.
    std::string save_weights;  ///< .safetensors or .npz.
};

/// The text of `convlens network`: a line a layer, and how a loaded checkpoint and the network met; or one JSON object.
/// Writes what was asked for.
Expected<std::string> describe_network(const Document& document, const NetworkOptions& options);

/// The text of `convlens info` on one file: tensors with key, dtype and shape, or the size of an image. One line each,
/// or a JSON object.
Expected<std::string> info(const std::string& path, bool json);

}  // namespace convlens
