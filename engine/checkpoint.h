/// A file of weights meets a network.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/io/tensor_file.h"
#include "engine/nn/parameters.h"

namespace convlens {

/// One array that the network wants or the file has.
struct CheckpointRow {
    enum class State {
        matched,      ///< In both, of one shape.
        missing,      ///< Wanted, but not in the file.
        left_over,    ///< In the file, but not wanted.
        other_shape,  ///< In both, but of another shape.
    };
    State state = State::matched;
    std::string key;                   ///< The network's name of it; the file's for State::left_over.
    std::vector<std::int64_t> wanted;  ///< Empty for State::left_over.
    std::vector<std::int64_t> found;   ///< Empty for State::missing.
    friend bool operator==(const CheckpointRow&, const CheckpointRow&) = default;
};

/// "matched", "missing", "left over", "other shape".
std::string_view to_string(CheckpointRow::State state);

/// How a file's arrays and a network's met.
struct CheckpointReport {
    std::string file;    ///< As messages name it.
    std::string prefix;  ///< What stands before the network's names in the file: "", "module.", "state_dict.".
    std::vector<CheckpointRow>
        rows;  ///< The network's arrays in their order, then what is left over in the file's order.

    std::size_t count(CheckpointRow::State state) const;

    /// "largenet.npz: 8 of 8 arrays loaded", "...: 6 of 8 arrays loaded, 1 missing, 1 of another shape, 3 left over".
    std::string summary() const;
    friend bool operator==(const CheckpointReport&, const CheckpointReport&) = default;
};

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
