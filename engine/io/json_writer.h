/// JSON files that people edit: objects without what is standard, and the one way to print them.
#pragma once

#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "engine/nn/architecture.h"

namespace convlens {

using OrderedJson = nlohmann::ordered_json;

/// `json` as text: down to a depth of `lines` objects, and lists of objects or lists, have a line for each of their
/// values; everything else is in one line. Numbers that are no integers are printed as the shortest text that reads
/// back as the same float, or double where no float is the same; they must be finite.
std::string printed(const OrderedJson& json, int lines = std::numeric_limits<int>::max());

/// One object, whose members are written by name in their order. As Members reads them: a visitor of visit_fields().
class JsonWriter {
  public:
    OrderedJson json = OrderedJson::object();

    void required(const char* name, const auto& value) { json[name] = as_json(value); }

    /// Left out when it is standard.
    template <class T>
    void optional(const char* name, const T& value, const T& default_value) {
        if (!(value == default_value)) required(name, value);
    }

    /// The padding of a convolution: a size, or "same".
    void padding(const ConvParams& params) {
        if (params.same) {
            json["padding"] = "same";
        } else {
            optional("padding", params.padding, Size2{0, 0});
        }
    }

    /// A part, left out when it says nothing.
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
