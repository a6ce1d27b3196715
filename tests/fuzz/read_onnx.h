/// Everything that is done with an ONNX file, for the fuzz target and for the replay of its corpus.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/io/number_type.h"
#include "engine/io/onnx.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/parameters.h"

namespace convlens {

struct ReadOnnx {
    std::vector<std::string> messages;  ///< Why it is none, or why an array can't be loaded; empty when all was read.
    bool reads_back = true;             ///< What could be written can be read again.
};

/// Reads `file`, loads the arrays of its layers that have no more than a million values, and writes the network if it
/// is complete and fits the input.
inline ReadOnnx read_onnx_file(std::span<const std::byte> file, std::string_view name) {
    constexpr std::uint64_t max_values = 1'000'000;
    ReadOnnx result;
    const auto read = read_onnx(Bytes::copy_of(file), name, {});
    if (!read) return {{read.error().message}, true};
    if (!read->note.empty()) result.messages.push_back(read->note);
    const Size2 size = read->architecture.input_size.value_or(Size2{8, 8});
    const Shape input{1, 3, std::min(size.h, 32), std::min(size.w, 32)};
    (void)layer_numbers(read->architecture.layers, input);
    ParameterMap parameters;
    for (const FoundArray& array : read->arrays) {
        if (count_of(array.info.shape).value_or(max_values + 1) > max_values) return result;
        auto loaded = array.load();
        if (!loaded) {
            result.messages.push_back(loaded.error().message);
        } else {
            parameters.emplace(array.info.key, make_parameter(loaded->shape, std::move(loaded->values)));
        }
    }
    Network network;
    for (const LayerSpec& spec : read->architecture.layers) {
        auto layer = with_parameters(spec, parameters);
        if (!layer) return result;
        network.layers.push_back(std::move(*layer));
    }
    const auto written = encode_onnx(network, "fuzz", Normalize::none, input);
    if (!written) return result;
    const auto again = read_onnx(Bytes::copy_of(*written), "again.onnx", {});
    result.reads_back = again && again->note.empty();
    return result;
}

}  // namespace convlens
