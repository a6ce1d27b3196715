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

/// Formats `json` as text. Down to a depth of `lines`, objects and lists of objects or lists have one line for each of
/// their values; everything else is on one line. Numbers that are not integers are printed as the shortest text that
/// reads back as the same float, or as the same double if it is not a float; they must be finite.
std::string printed(const OrderedJson& json, int lines = std::numeric_limits<int>::max());

/// Writes members of one object by name in their order. The counterpart of Members, and a visitor of visit_fields().
class JsonWriter {
  public:
    OrderedJson json = OrderedJson::object();

    void required(const char* name, const auto& value) { json[name] = as_json(value); }

    /// Writes the member unless it has its default value.
    template <class T>
    void optional(const char* name, const T& value, const T& default_value) {
        if (!(value == default_value)) required(name, value);
    }

    /// Writes the padding of a convolution: a size, or "same".
    void padding(const ConvParams& params) {
        if (params.same) {
            json["padding"] = "same";
        } else {
            optional("padding", params.padding, Size2{0, 0});
        }
    }

    /// Writes a part unless it is empty.
    void part(const char* name, OrderedJson value) {
        if (!value.empty()) json[name] = std::move(value);
    }

  private:
    static OrderedJson as_json(const Size2& s) { return s.h == s.w ? OrderedJson(s.h) : OrderedJson{s.h, s.w}; }
    static OrderedJson as_json(PaddingMode mode) { return to_string(mode); }
    static OrderedJson as_json(Normalize normalize) { return to_string(normalize); }
    static OrderedJson as_json(const std::optional<int>& value) { return value ? OrderedJson(*value) : OrderedJson(); }
    template <class T>
    static OrderedJson as_json(const T& value) {
        return OrderedJson(value);
    }
};

}  // namespace convlens
