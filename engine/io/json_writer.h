/// Writing of JSON files that people edit: objects without default values, and their uniform formatting.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "engine/nn/architecture.h"

namespace convlens {

using OrderedJson = nlohmann::ordered_json;

/// Formats `json` as text that ends with a line break. A value that contains lists or objects, and every object, has
/// one line for each of its members if its nesting depth (0 for `json` itself) is less than `lines`; all other values
/// are on one line. Numbers that are not integers must be finite. Such a number is printed as the shortest text that
/// reads back as the same float, or as the same double if no float equals it.
std::string printed(const OrderedJson& json, int lines = std::numeric_limits<int>::max());

/// Writes the members of one JSON object in the order of the calls. The counterpart of Members; both are visitors for
/// visit_fields() of engine/nn/layer_fields.h.
class JsonWriter {
  public:
    OrderedJson json = OrderedJson::object();  ///< The object that is written.

    /// Writes the member.
    void required(const char* name, const auto& value) { json[name] = as_json(value); }

    /// Writes the member unless it has its default value.
    template <class T>
    void optional(const char* name, const T& value, const T& default_value) {
        if (!(value == default_value)) required(name, value);
    }

    /// Writes the member "padding" of a convolution, a size or "same", unless it is 0.
    void padding(const ConvParams& params) {
        if (params.same) {
            json["padding"] = "same";
        } else {
            optional("padding", params.padding, Size2{0, 0});
        }
    }

    /// Writes `value`, an object or a list, unless it is empty.
    void part(const char* name, OrderedJson value) {
        if (!value.empty()) json[name] = std::move(value);
    }

  private:
    static OrderedJson as_json(const Size2& s) { return s.h == s.w ? OrderedJson(s.h) : OrderedJson{s.h, s.w}; }
    static OrderedJson as_json(PaddingMode mode) { return to_string(mode); }
    static OrderedJson as_json(UpsampleMode mode) { return to_string(mode); }
    static OrderedJson as_json(Normalize normalize) { return to_string(normalize); }
    static OrderedJson as_json(const std::optional<int>& value) { return value ? OrderedJson(*value) : OrderedJson(); }
    template <class T>
    static OrderedJson as_json(const T& value) {
        return OrderedJson(value);
    }
};

}  // namespace convlens
