/// Networks as small JSON files of layers; docs/NETWORK_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"

namespace convlens {

/// The network that `text` describes; `name` is what messages call it. Fails in one sentence that names the layer and
/// the value: on broken JSON, on keys and types that the format does not have, on values out of range, on more than
/// 1000 layers. Whether the layers fit each other shows when they get an input.
Expected<Architecture> parse_network(std::string_view text, std::string_view name);

/// parse_network() of a file of 1 MB at most.
Expected<Architecture> load_network(const std::filesystem::path& path);

/// The network as JSON, a line a layer, without what is standard: parse_network(print_network(x)) is x for every x
/// that parse_network() gives.
std::string print_network(const Architecture& architecture);

}  // namespace convlens
