/// Report of how the arrays of a weights file match a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace convlens {

/// The comparison of one array of the network with the file, or an array that only the file has.
struct CheckpointRow {
    enum class State {
        matched,      ///< In the network and in the file, with the same shape.
        missing,      ///< In the network, but not in the file.
        left_over,    ///< In the file, but not in the network.
        other_shape,  ///< In the network and in the file, but with different shapes.
    };
    State state = State::matched;
    std::string key;                   ///< The network's name of the array; the file's name for State::left_over.
    std::vector<std::int64_t> wanted;  ///< Shape in the network; empty for State::left_over.
    std::vector<std::int64_t> found;   ///< Shape in the file; empty for State::missing.
    friend bool operator==(const CheckpointRow&, const CheckpointRow&) = default;
};

/// Returns "matched", "missing", "left over" or "other shape".
std::string_view to_string(CheckpointRow::State state);

/// How the arrays of a file match those of a network.
struct CheckpointReport {
    std::string file;    ///< Name of the file for messages.
    std::string prefix;  ///< Text before the network's names in the file: "", "module.", "state_dict.".
    /// First the network's arrays in the order of its state dict, then the arrays that only the file has, in file
    /// order.
    std::vector<CheckpointRow> rows;

    std::string note;  ///< Why the layers are only the first ones of an ONNX file; empty for all other files.

    /// Returns the number of rows in that state.
    std::size_t count(CheckpointRow::State state) const;

    /// Returns a summary like "largenet.npz: 8 of 8 arrays loaded" or "...: 6 of 8 arrays loaded, 1 missing, 1 of
    /// another shape, 3 left over". The note is at its end.
    std::string summary() const;
    friend bool operator==(const CheckpointReport&, const CheckpointReport&) = default;
};

}  // namespace convlens
