/// Everything that is done with a network file, for the fuzz target and for the replay of its corpus.
#pragma once

#include <string>
#include <string_view>

#include "engine/io/network_json.h"
#include "engine/nn/layer_numbers.h"

namespace convlens {

struct ReadNetwork {
    std::string message;      ///< Why it is none; empty when it was read.
    bool reads_back = false;  ///< parse(print(x)) is x.
};

/// Reads `text`, prints it, reads that, and computes the numbers of the layers.
inline ReadNetwork read_network(std::string_view text, std::string_view name) {
    const auto network = parse_network(text, name);
    if (!network) return {network.error().message, false};
    const auto again = parse_network(print_network(*network), name);
    (void)layer_numbers(network->layers, {1, 3, 32, 32});
    return {"", again && *again == *network};
}

}  // namespace convlens
