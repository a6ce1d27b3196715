/// Network files: JSON descriptions of layers. docs/NETWORK_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"

namespace convlens {

/// Parses the network that `text` describes; `name` is used in messages. Fails on invalid JSON, unknown keys and types,
/// values out of range, or more than 1000 layers; the message is one sentence that names the layer and the value. Does
/// not check whether the layers' shapes fit together, which depends on the input.
Expected<Architecture> parse_network(std::string_view text, std::string_view name);

/// Parses the network file at `path`. Fails like parse_network(), and also if the file is larger than 1 MB.
Expected<Architecture> load_network(const std::filesystem::path& path);

/// Formats the network as JSON, one line per layer, without default values: parse_network(print_network(x)) is x for
/// every x that parse_network() returns.
std::string print_network(const Architecture& architecture);

}  // namespace convlens
