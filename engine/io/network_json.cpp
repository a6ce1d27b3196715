/// Networks from and to JSON.
#include "engine/io/network_json.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/io/array_formats.h"
#include "engine/io/file.h"
#include "engine/nn/layer_fields.h"

namespace convlens {
namespace {

using Json = nlohmann::json;

constexpr std::size_t max_file_bytes = std::size_t{1} << 20U;
constexpr std::size_t max_layers = 1000;
constexpr std::size_t max_name_bytes = 100;
constexpr int max_depth = 3;  ///< Of [1, 2] in "kernel_size": [1, 2] in a layer in "layers" in the network.
constexpr std::int64_t max_int = std::int64_t{1} << 30U;

/// The value as a message shows it.
std::string shown(const Json& value) {
    constexpr std::size_t longest = 40;
    std::string text = value.dump();
    if (text.size() > longest) text = text.substr(0, longest) + "...";
    std::erase_if(text, [](unsigned char c) { return c >= 0x7f; });  // no half characters
    return text;
}

/// One object, whose members are taken by name; the first thing wrong is kept.
class Members {
  public:
    explicit Members(const Json& object) : object_(object) {}

    /// The member, or null when it is not there. Counts as known.
    const Json* find(const char* name) {
        known_.insert(name);
        const auto it = object_.find(name);
        return it == object_.end() ? nullptr : &*it;
    }

    template <class T>
    void required(const char* name, T& value) {
        if (const Json* json = find(name)) {
            read(name, *json, value);
        } else {
            complain(fmt::format("{} is missing", name));
        }
    }

    template <class T>
    void optional(const char* name, T& value, const T& standard) {
        value = standard;
        if (const Json* json = find(name)) read(name, *json, value);
    }

    void padding(ConvParams& params) {
        const Json* json = find("padding");
        if (!json) return;
        params.same = *json == "same";
        if (!params.same) read("padding", *json, params.padding, ", or \"same\"");
    }

    void complain(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    /// What is wrong; also a member that nobody asked for. Empty when nothing is.
    std::string problem() const {
        if (!problem_.empty()) return problem_;
        for (const auto& [key, value] : object_.items())
            if (!known_.contains(key)) return fmt::format("{} is not known here, there are {}", in_quotes(key), fmt::join(known_, ", "));
        return {};
    }

    void read(const char* name, const Json& json, int& value) { value = whole(name, json, -max_int, "a whole number"); }
    void read(const char* name, const Json& json, std::optional<int>& value) { value = whole(name, json, -max_int, "a whole number"); }
    void read(const char* name, const Json& json, bool& value) {
        if (!json.is_boolean()) return expected(name, json, "true or false");
        value = json.get<bool>();
    }
    void read(const char* name, const Json& json, float& value) {
        const double wide = json.is_number() ? json.get<double>() : std::numeric_limits<double>::infinity();
        if (std::abs(wide) > static_cast<double>(std::numeric_limits<float>::max())) return expected(name, json, "a number");
        value = static_cast<float>(wide);
    }
    void read(const char* name, const Json& json, Size2& value, std::string_view also = "") {
        const std::string what = fmt::format("a whole number from 0, or a pair of them, [height, width]{}", also);
        if (json.is_array()) {
            if (json.size() != 2) return expected(name, json, what);
            value = {whole(name, json[0], 0, what), whole(name, json[1], 0, what)};
        } else {
            const int both = whole(name, json, 0, what);
            value = {both, both};
        }
    }
    void read(const char* name, const Json& json, PaddingMode& value) {
        const auto mode = json.is_string() ? padding_mode_from(json.get_ref<const std::string&>()) : std::nullopt;
        if (!mode) return expected(name, json, fmt::format("one of {}", fmt::join(padding_mode_names(), ", ")));
        value = *mode;
    }
    void read(const char* name, const Json& json, Normalize& value) {
        const auto normalize = json.is_string() ? normalize_from(json.get_ref<const std::string&>()) : std::nullopt;
        if (!normalize) return expected(name, json, fmt::format("one of {}", fmt::join(normalize_names(), ", ")));
        value = *normalize;
    }
    void read(const char* name, const Json& json, std::string& value) {
        if (!json.is_string()) return expected(name, json, "a text");
        value = json.get<std::string>();
        const auto control = [](unsigned char c) { return c < ' ' || c == 127; };
        if (value.empty() || value.size() > max_name_bytes || std::any_of(value.begin(), value.end(), control))
            expected(name, json, fmt::format("1 to {} bytes without control characters", max_name_bytes));
    }

  private:
    int whole(const char* name, const Json& json, std::int64_t lowest, std::string_view what) {
        const bool fits = json.is_number_integer() && (!json.is_number_unsigned() || json.get<std::uint64_t>() <= static_cast<std::uint64_t>(max_int));
        const std::int64_t value = fits ? json.get<std::int64_t>() : max_int + 1;
        if (value >= lowest && value <= max_int) return static_cast<int>(value);
        expected(name, json, what);
        return 0;
    }
    void expected(const char* name, const Json& json, std::string_view what) {
        complain(fmt::format("{} is {}: expected {}", name, shown(json), what));
    }

    const Json& object_;
    std::set<std::string, std::less<>> known_;
    std::string problem_;
};

/// The spec of that type with standard values.
std::optional<OperationSpec> spec_of_type(std::string_view type) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        std::optional<OperationSpec> found;
        const auto check = [&](const OperationSpec& spec) {
            if (type_name(spec) == type) found = spec;
        };
        (check(std::variant_alternative_t<I, OperationSpec>{}), ...);
        return found;
    }(std::make_index_sequence<std::variant_size_v<OperationSpec>>());
}

std::string type_list() {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        std::string all;
        ((all += fmt::format("{}{}", I > 0 ? ", " : "", type_name(std::variant_alternative_t<I, OperationSpec>{}))), ...);
        return all;
    }(std::make_index_sequence<std::variant_size_v<OperationSpec>>());
}

Expected<LayerSpec> layer_from(const Json& json, std::size_t index, std::string_view file) {
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
            members.complain(fmt::format("type is {}: expected one of {}", in_quotes(type), type_list()));
        }
    }
    if (const std::string problem = members.problem(); !problem.empty()) return fail("{}: layer {} ({}): {}", file, index, in_quotes(layer.name), problem);
    return layer;
}

Expected<Architecture> architecture_from(const Json& json, std::string_view file) {
    if (!json.is_object()) return fail("{}: expected an object with \"layers\", found {}", file, shown(json));
    Architecture result{"Network", {}, Normalize::none, {}};
    Members members(json);
    members.optional("name", result.name, result.name);
    if (const Json* size = members.find("input_size")) members.read("input_size", *size, result.input_size.emplace());
    members.optional("normalize", result.normalize, Normalize::none);
    const Json* layers = members.find("layers");
    if (result.input_size && (result.input_size->h < 1 || result.input_size->w < 1)) members.complain("input_size is 0: expected 1 or more");
    if (!layers || !layers->is_array() || layers->empty() || layers->size() > max_layers)
        members.complain(fmt::format("layers is {}: expected a list of 1 to {} layers", layers ? shown(*layers) : "missing", max_layers));
    if (const std::string problem = members.problem(); !problem.empty()) return fail("{}: {}", file, problem);
    std::set<std::string> names;
    for (std::size_t i = 0; i < layers->size(); ++i) {
        auto layer = layer_from((*layers)[i], i, file);
        if (!layer) return tl::unexpected(layer.error());
        if (!names.insert(layer->name).second) return fail("{}: layer {}: the name {} is there twice", file, i, in_quotes(layer->name));
        result.layers.push_back(std::move(*layer));
    }
    return result;
}

/// Parses with a limit on depth, so that no stack and no memory is spent on what the format does not have, and refuses
/// keys that an object has twice.
Expected<Json> json_from(std::string_view text, std::string_view file) {
    std::string problem;
    std::vector<std::set<std::string>> keys(max_depth + 2);
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        if (opens && depth > max_depth && problem.empty()) problem = fmt::format("it is nested deeper than {} levels", max_depth + 1);
        if (event == Json::parse_event_t::object_start && depth <= max_depth) keys[static_cast<std::size_t>(depth) + 1].clear();
        if (event == Json::parse_event_t::key && depth <= max_depth + 1 && problem.empty())
            if (const auto& key = value.get_ref<const std::string&>(); !keys[static_cast<std::size_t>(depth)].insert(key).second)
                problem = fmt::format("{} is there twice in one object", in_quotes(key));
        return problem.empty();
    };
    try {
        Json json = Json::parse(text.begin(), text.end(), watch);
        if (!problem.empty()) return fail("{}: {}", file, problem);
        return json;
    } catch (const Json::parse_error& error) {
        return fail("{}: expected a network in JSON, but it is not JSON at byte {}", file, error.byte);
    } catch (const Json::out_of_range&) {
        return fail("{}: expected a network in JSON, but a number in it is too large", file);
    }
}

/// Prints the members of a layer that are not standard.
struct Printer {
    std::string text;

    void required(const char* name, const auto& value) { text += fmt::format(", \"{}\": {}", name, printed(value)); }
    template <class T>
    void optional(const char* name, const T& value, const T& standard) {
        if (value != standard) required(name, value);
    }
    void padding(const ConvParams& params) {
        if (params.same) {
            text += ", \"padding\": \"same\"";
        } else {
            optional("padding", params.padding, Size2{0, 0});
        }
    }

    static std::string printed(int value) { return std::to_string(value); }
    static std::string printed(bool value) { return value ? "true" : "false"; }
    static std::string printed(float value) { return fmt::format("{}", value); }
    static std::string printed(const std::optional<int>& value) { return value ? std::to_string(*value) : "null"; }
    static std::string printed(const Size2& s) { return s.h == s.w ? std::to_string(s.h) : fmt::format("[{}, {}]", s.h, s.w); }
    static std::string printed(PaddingMode mode) { return fmt::format("\"{}\"", to_string(mode)); }
};

}  // namespace

Expected<Architecture> parse_network(std::string_view text, std::string_view name) {
    if (text.size() > max_file_bytes) return fail("{}: {} bytes are too many for a network, expected {} at most", name, text.size(), max_file_bytes);
    const auto json = json_from(text, name);
    if (!json) return tl::unexpected(json.error());
    return architecture_from(*json, name);
}

Expected<Architecture> load_network(const std::filesystem::path& path) {
    const auto bytes = Bytes::read_file(path, max_file_bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    const auto span = bytes->span();
    return parse_network({reinterpret_cast<const char*>(span.data()), span.size()}, path.filename().string());
}

std::string print_network(const Architecture& a) {
    const auto quoted = [](const std::string& s) { return Json(s).dump(); };
    std::string text = fmt::format("{{\n  \"name\": {},\n", quoted(a.name));
    if (a.input_size) text += fmt::format("  \"input_size\": {},\n", Printer::printed(*a.input_size));
    if (a.normalize != Normalize::none) text += fmt::format("  \"normalize\": \"{}\",\n", to_string(a.normalize));
    text += "  \"layers\": [\n";
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
        const LayerSpec& layer = a.layers[i];
        Printer printer{fmt::format("    {{\"name\": {}, \"type\": \"{}\"", quoted(layer.name), type_name(layer.operation))};
        std::visit([&](const auto& s) { visit_fields(s, printer); }, layer.operation);
        text += printer.text + (i + 1 < a.layers.size() ? "},\n" : "}\n");
    }
    return text + "  ]\n}\n";
}

}  // namespace convlens
