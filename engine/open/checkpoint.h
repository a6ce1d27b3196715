/// Matches a weights file with a network.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/document/checkpoint_report.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// Result of match_checkpoint(): the arrays that could be loaded, by the network's names, and the report.
struct Checkpoint {
    ParameterMap parameters;
    CheckpointReport report;
};

/// Loads the arrays of `file` that `layers` need, by name and shape. In the file, the names of the state dict may all
/// have one prefix that ends in '.' or '/': "module." of DataParallel, "state_dict." and "model.state_dict." of nested
/// dictionaries. The prefix that fits most arrays is used. The num_batches_tracked of a BatchNorm2d is ignored.
/// `network` and `name` are the names of the network and the file in messages. Fails if no array fits (the message
/// lists names in the file), or if an array can't be read or contains a NaN or an infinite value.
Expected<Checkpoint> match_checkpoint(const TensorFile& file, std::string_view name,
                                      const std::vector<LayerSpec>& layers, std::string_view network);

/// Writes every array of the network to `path`, a .safetensors or an .npz according to its extension, with the names
/// and shapes of PyTorch's state_dict. `title` goes into the metadata of a .safetensors. Fails for other extensions and
/// like write_file().
Expected<void> save_weights(const std::filesystem::path& path, const Network& network, const std::string& title);

}  // namespace convlens
