/// A file of weights meets a network.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/document/checkpoint_report.h"
#include "engine/io/tensor_file.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// What could be loaded, by the network's names, and the report.
struct Checkpoint {
    ParameterMap parameters;
    CheckpointReport report;
};

/// Loads of `file` what `layers` want, by name and shape. The names of state_dict may stand in the file behind any one
/// prefix that ends in '.' or '/': "module." of DataParallel, "state_dict." and "model.state_dict." of nested
/// dictionaries; the prefix that fits most arrays is taken. The num_batches_tracked of a BatchNorm2d is passed over.
/// `network` and `name` are what messages call the network and the file. Fails when nothing fits, with the names that
/// the file has, and when an array can't be read or holds a NaN or an infinite value.
Expected<Checkpoint> match_checkpoint(const TensorFile& file, std::string_view name,
                                      const std::vector<LayerSpec>& layers, std::string_view network);

/// Writes every array of the network to `path`, a .safetensors or an .npz by its name, under the names and in the
/// shapes of PyTorch's state_dict. `title` goes into the metadata of a .safetensors. Fails for other names and as
/// write_file().
Expected<void> save_weights(const std::filesystem::path& path, const Network& network, const std::string& title);

}  // namespace convlens
