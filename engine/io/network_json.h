/// Network files: JSON descriptions of layers. docs/NETWORK_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"

namespace convlens {

/// Parses the network that `text` describes; `name` is the name of the file in messages. Fails on invalid JSON, unknown
/// keys or types of layers, values out of range, more than 1000 layers, or more than 1 MiB of text; the message is one
/// sentence that names the layer and the value. Does not check whether the shapes of the layers fit together: that
/// depends on the input.
Expected<Architecture> parse_network(std::string_view text, std::string_view name);

/// Parses the network file at `path`. Fails like parse_network(), and if the file can't be read.
Expected<Architecture> load_network(const std::filesystem::path& path);

/// Formats the network as JSON, one line per layer; members with their default value are left out. parse_network() of
/// the result gives an equal network.
std::string print_network(const Architecture& architecture);

}  // namespace convlens
