/// Network files: JSON descriptions of layers. docs/NETWORK_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"

namespace convlens {

/// Parses the network that `text` describes; `name` is used in messages. Fails with one sentence that names the layer
/// and the value: on broken JSON, on keys and types that the format does not have, on values out of range, on more than
/// 1000 layers. Whether the layers fit each other is only checked when they get an input.
Expected<Architecture> parse_network(std::string_view text, std::string_view name);

/// Parses the network file at `path`, which has at most 1 MB.
Expected<Architecture> load_network(const std::filesystem::path& path);

/// Formats the network as JSON, one line per layer, without default values: parse_network(print_network(x)) is x for
/// every x that parse_network() returns.
std::string print_network(const Architecture& architecture);

}  // namespace convlens
