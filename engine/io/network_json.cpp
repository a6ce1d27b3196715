/// Conversion of networks from and to JSON.
#include "engine/io/network_json.h"

#include <fmt/ranges.h>

#include <map>

#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"
#include "engine/io/file.h"
#include "engine/io/json_members.h"
#include "engine/io/json_writer.h"
#include "engine/nn/graph.h"
#include "engine/nn/layer_fields.h"

namespace convlens {
namespace {

constexpr std::size_t max_network_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_layers = 1000;
constexpr int max_network_depth = 3;  ///< Depth of the innermost list in {"layers": [{"kernel_size": [1, 2]}]}.

constexpr const char* input_name = "input";  ///< The name of the network's input among the inputs of a layer.

/// Returns the indices of the layers named by `json`, a list of names of `layers` or "input".
std::vector<int> inputs_from(const Json& json, const std::map<std::string, int, std::less<>>& layers,
                             Members& members) {
    std::vector<int> inputs;
    if (!json.is_array() || json.empty() || json.size() > max_layer_inputs) {
        members.expected("inputs", json,
                         sentence("a list of 1 to {} names of layers before this one", max_layer_inputs));
        return inputs;
    }
    for (const Json& name : json) {
        const auto text = name.is_string() ? name.get<std::string>() : std::string();
        if (const auto found = layers.find(text); found != layers.end()) {
            inputs.push_back(found->second);
        } else if (text == input_name) {
            inputs.push_back(network_input);
        } else {
            members.expected("inputs", name, "the name of a layer before this one, or \"input\"");
            return inputs;
        }
    }
    return inputs;
}

Expected<LayerSpec> layer_from(const Json& json, std::size_t index,
                               const std::map<std::string, int, std::less<>>& layers, std::string_view file) {
    LayerSpec layer{std::to_string(index), ReLU{}};
    if (!json.is_object()) return fail("{}: layer {} is {}: expected an object", file, index, shown(json));
    Members members(json);
    members.optional("name", layer.name, layer.name);
    std::string type;
    members.required("type", type);
    if (members.find("type") && !type.empty()) {
        if (const auto spec = spec_of_type(type)) {
            layer.operation = *spec;
            std::visit([&](auto& s) { visit_fields(s, members); }, layer.operation);
        } else {
            members.add_error(
                sentence("type is {}: expected one of {}", in_quotes(type), fmt::join(layer_types(), ", ")));
        }
    }
    if (const Json* inputs = members.find("inputs"))
        layer.inputs = stored_inputs(static_cast<int>(index), inputs_from(*inputs, layers, members));
    if (layer.inputs.size() > 1 && !is_join(layer.operation))
        members.add_error(
            sentence("inputs has {} names, but {} has one input", layer.inputs.size(), type_name(layer.operation)));
    if (const std::string problem = members.problem(); !problem.empty())
        return fail("{}: layer {} ({}): {}", file, index, in_quotes(layer.name), problem);
    return layer;
}

}  // namespace

Expected<Architecture> architecture_from(const Json& json, std::string_view file) {
    if (!json.is_object()) return fail("{}: expected an object with \"layers\", found {}", file, shown(json));
    Architecture result{"Network", {}, Normalize::none, {}};
    Members members(json);
    members.optional("name", result.name, result.name);
    if (const Json* size = members.find("input_size")) members.read("input_size", *size, result.input_size.emplace());
    members.optional("normalize", result.normalize, Normalize::none);
    const Json* layers = members.find("layers");
    if (result.input_size && (result.input_size->h < 1 || result.input_size->w < 1))
        members.add_error("input_size is 0: expected 1 or more");
    if (!layers || !layers->is_array() || layers->empty() || layers->size() > max_layers)
        members.add_error(layers
                              ? sentence("layers is {}: expected a list of 1 to {} layers", shown(*layers), max_layers)
                              : sentence("layers is missing: expected a list of 1 to {} layers", max_layers));
    if (const std::string problem = members.problem(); !problem.empty()) return fail("{}: {}", file, problem);
    std::map<std::string, int, std::less<>> names;
    for (std::size_t i = 0; i < layers->size(); ++i) {
        auto layer = layer_from((*layers)[i], i, names, file);
        if (!layer) return tl::unexpected(layer.error());
        if (!names.emplace(layer->name, static_cast<int>(i)).second)
            return fail("{}: layer {}: the name {} occurs twice", file, i, in_quotes(layer->name));
        result.layers.push_back(std::move(*layer));
    }
    if (const auto found = names.find(input_name); found != names.end() && !is_chain(result.layers))
        return fail("{}: layer {}: the name \"input\" is that of the network's input where layers have inputs", file,
                    found->second);
    return result;
}

nlohmann::ordered_json architecture_json(const Architecture& architecture) {
    JsonWriter network;
    network.required("name", architecture.name);
    if (architecture.input_size) network.required("input_size", *architecture.input_size);
    network.optional("normalize", architecture.normalize, Normalize::none);
    auto& layers = network.json["layers"] = OrderedJson::array();
    for (const LayerSpec& layer : architecture.layers) {
        JsonWriter one;
        one.required("name", layer.name);
        one.required("type", type_name(layer.operation));
        for (const int from : layer.inputs)
            one.json["inputs"].push_back(from < 0 ? input_name
                                                  : architecture.layers[static_cast<std::size_t>(from)].name);
        std::visit([&](const auto& spec) { visit_fields(spec, one); }, layer.operation);
        layers.push_back(std::move(one.json));
    }
    return std::move(network.json);
}

Expected<Architecture> parse_network(std::string_view text, std::string_view name) {
    if (text.size() > max_network_bytes)
        return fail("{}: {} bytes are too many for a network, expected at most {}", name, text.size(),
                    max_network_bytes);
    const auto json = json_from(text, name, "a network", max_network_depth);
    if (!json) return tl::unexpected(json.error());
    return architecture_from(*json, name);
}

Expected<Architecture> load_network(const std::filesystem::path& path) {
    const auto bytes = Bytes::read_file(path, max_network_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    return parse_network(text_of(bytes->span()), path.filename().string());
}

std::string print_network(const Architecture& architecture) {
    constexpr int a_line_a_layer = 2;
    return printed(architecture_json(architecture), a_line_a_layer);
}

}  // namespace convlens
