/// Networks in ONNX files, https://onnx.ai: reading and writing. docs/NETWORK_FORMAT.md lists the operators.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/array_formats.h"
#include "engine/io/file.h"
#include "engine/nn/architecture.h"
#include "engine/nn/network.h"

namespace convlens {

/// The layers of an ONNX file.
struct OnnxNetwork {
    Architecture architecture;
    std::vector<FoundArray> arrays;           ///< Weights of the layers by the names of the state dict: "conv1.weight".
    std::set<std::string, std::less<>> used;  ///< Names of the tensors whose values are in `arrays`.
    std::string note;  ///< Why the file has nodes after the last layer, as one sentence; empty if all could be read.
};

/// Reads the layers that can be computed from the input of the graph: all nodes except those that Convlens can't run,
/// because it does not have the operator, and those that depend on them. Names of layers are those of the weights
/// ("conv1" for "conv1.weight"), otherwise those of the nodes. `name` is the name of the file in messages, `folder` the
/// folder in which files of external data may be; an empty path means that there are none. Fails if not even the first
/// node can be read, if the file is not an ONNX file of opset 7 to 21, and if a node uses a value that does not exist
/// or depends on itself.
Expected<OnnxNetwork> read_onnx(const Bytes& bytes, std::string_view name, const std::filesystem::path& folder);

/// Returns the layers of the ONNX file at `path`, without weights.
Expected<Architecture> load_onnx_architecture(const std::filesystem::path& path);

/// Returns the weights of the layers, then the tensors that no layer uses. Metadata "title" is the title for display,
/// "note" is OnnxNetwork::note. Fails only if the bytes are not an ONNX file.
Expected<FoundArrays> parse_onnx(const Bytes& bytes, std::string_view name, const std::filesystem::path& folder);

/// Returns the bytes of an ONNX file of the layers with their weights, for inputs of the shape `input`; the number of
/// images is left open. The oldest version of the operators that has all of them is used, at least 13. `name` is the
/// name of the network; `normalize` becomes an entry of the metadata. Fails with a sentence that names the layer if a
/// layer can't run on its input or ONNX has no operator for it, and if the weights have more than 2 GiB.
Expected<std::vector<std::byte>> encode_onnx(const Network& network, std::string_view name, Normalize normalize,
                                             const Shape& input);

/// Returns true if the extension of `path` is .onnx.
bool is_onnx(const std::filesystem::path& path);

}  // namespace convlens
