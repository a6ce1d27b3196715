/// How a file of weights and a network met.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace convlens
