/// Loads the weights of a network from a file, and saves them.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/document/checkpoint_report.h"
#include "engine/document/document.h"
#include "engine/io/file.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// Result of match_checkpoint(): the loaded arrays by their names in the network, and the report.
struct Checkpoint {
    ParameterMap parameters;
    CheckpointReport report;
};

/// Loads the arrays of `file` whose name and shape `layers` need. In the file, all names of the state dict may have the
/// same prefix that ends in "." or "/": "module." of torch.nn.DataParallel, "state_dict." or "model.state_dict." of
/// nested dictionaries. The prefix that fits most arrays is used. The array num_batches_tracked of a BatchNorm2d is
/// ignored. An array without the last axes of a Conv2d of 1x1 fits it. Layers of a DenseNet are also found by the names
/// in torchvision's published files, "norm.1" for "norm1". `network` and `name` are the names of the network and of the
/// file in messages. Fails if no array fits (the message lists names in the file), if no layer has weights, or if an
/// array can't be read or contains a NaN or an infinite value.
Expected<Checkpoint> match_checkpoint(const TensorFile& file, std::string_view name,
                                      const std::vector<LayerSpec>& layers, std::string_view network);

/// Writes every array of the network to `path` with the names and shapes of PyTorch's state_dict, as .safetensors or
/// .npz according to the extension. The blocks of ConvNeXt have those of torchvision's model. `title` goes into the
/// metadata of a .safetensors file. Fails for other extensions, if the network has no weights, and like write_file().
Expected<void> save_weights(const std::filesystem::path& path, const Network& network, const std::string& title,
                            Existing existing = Existing::replaced);

/// Writes `network`, the document's network, with its weights to the ONNX file `path`, for inputs of the shape `input`.
/// Fails if the extension is not .onnx, like encode_onnx(), and like write_file().
Expected<void> save_onnx(const std::filesystem::path& path, const Document& document, const Network& network,
                         const Shape& input, Existing existing = Existing::replaced);

}  // namespace convlens
