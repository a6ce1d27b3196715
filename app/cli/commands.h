/// The commands that need no window.
#pragma once

#include <functional>
#include <optional>
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

/// What `convlens selftest` prints, and whether all is well.
struct SelftestResult {
    std::string text;
    bool right = false;
};

/// Runs `cases` random layers on every back end (options.backend: only "cpu" or only "gl") against the reference in double
/// precision, and compares the CPU's and OpenGL's values and pictures. A machine without OpenGL is right unless that was asked for.
SelftestResult selftest(const BackendOptions& options, int cases);

/// Measures the CPU, OpenGL and OpenGL's naive shader on the document, or on a standard list of layers, and prints a table
/// for each as soon as it is there.
Expected<void> bench(const std::optional<Document>& document, const BackendOptions& options, const std::function<void(const std::string&)>& print);

/// The text of `convlens info` on one file: tensors with key, dtype and shape, or the size of an image. One line each,
/// or a JSON object.
Expected<std::string> info(const std::string& path, bool json);

}  // namespace convlens
