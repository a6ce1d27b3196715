/// Formatting of JSON.
#include "engine/io/json_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/core/numbers.h"

namespace convlens {
namespace {

/// Returns the shortest text that reads back as the same number. For a float, this also holds for readers that parse
/// the text as a double and then round it to a float.
std::string number_text(double value) {
    if (value == 0.0) return std::signbit(value) ? "-0.0" : "0";  // "-0" would be parsed as an integer
    const bool narrow = std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max()) &&
                        static_cast<double>(static_cast<float>(value)) == value;
    if (!narrow) return fmt::format("{}", value);
    const std::string shortest = fmt::format("{}", static_cast<float>(value));
    const auto back = parse_number<double>(shortest);
    return back && static_cast<float>(*back) == static_cast<float>(value) ? shortest : fmt::format("{:.17g}", value);
}

std::string plain_text(const OrderedJson& json) {
    return json.is_number_float() ? number_text(json.get<double>())
                                  : json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

bool is_structured(const OrderedJson& json) { return json.is_structured(); }

void print(const OrderedJson& json, int depth, int lines, std::string& text) {
    if (!json.is_structured()) {
        text += plain_text(json);
        return;
    }
    const bool list = json.is_array();
    const bool broken = depth < lines && (list ? std::any_of(json.begin(), json.end(), is_structured) : !json.empty());
    const auto new_line = [&](int at) {
        if (broken) text.append(1, '\n').append(2 * static_cast<std::size_t>(at), ' ');
    };
    text += list ? "[" : "{";
    for (auto it = json.begin(); it != json.end(); ++it) {
        if (it != json.begin()) text += broken ? "," : ", ";
        new_line(depth + 1);
        if (!list) text += plain_text(it.key()) + ": ";
        print(*it, depth + 1, lines, text);
    }
    new_line(depth);
    text += list ? "]" : "}";
}

}  // namespace

std::string printed(const OrderedJson& json, int lines) {
    std::string text;
    print(json, 0, lines, text);
    return text + "\n";
}

}  // namespace convlens
