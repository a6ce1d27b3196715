/// Reading of JSON files that people edit.
#include "engine/io/json_members.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"

namespace convlens {
namespace {

constexpr std::size_t max_name_bytes = 100;
constexpr std::int64_t max_int = std::int64_t{1} << 30U;

bool is_control(unsigned char c) { return c < ' ' || c == 127; }

}  // namespace

std::string shown(const Json& value) {
    constexpr std::size_t longest = 40;
    std::string text = value.dump();
    if (text.size() > longest) text = text.substr(0, longest) + "...";
    std::erase_if(text, [](unsigned char c) { return c >= 0x7f; });  // the cut may have split a UTF-8 character
    return text;
}

Expected<Json> json_from(std::string_view text, std::string_view file, std::string_view what, int max_depth) {
    std::string problem;
    std::vector<std::set<std::string>> keys(static_cast<std::size_t>(max_depth) + 2);
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
        const bool opens = event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
        if (opens && depth > max_depth && problem.empty())
            problem = sentence("it is nested deeper than {} levels", max_depth + 1);
        if (event == Json::parse_event_t::object_start && depth <= max_depth)
            keys[static_cast<std::size_t>(depth) + 1].clear();
        if (event == Json::parse_event_t::key && depth <= max_depth + 1 && problem.empty())
            if (const auto& key = value.get_ref<const std::string&>();
                !keys[static_cast<std::size_t>(depth)].insert(key).second)
                problem = sentence("{} occurs twice in one object", in_quotes(key));
        return problem.empty();
    };
    try {
        Json json = Json::parse(text.begin(), text.end(), watch);
        if (!problem.empty()) return fail("{}: {}", file, problem);
        return json;
    } catch (const Json::parse_error& error) {
        return fail("{}: expected {} in JSON, but the JSON is invalid at byte {}", file, translated(what), error.byte);
    } catch (const Json::out_of_range&) {
        return fail("{}: expected {} in JSON, but a number in it is too large", file, translated(what));
    }
}

const Json* Members::find(const char* name) {
    known_.insert(name);
    const auto it = object_.find(name);
    return it == object_.end() ? nullptr : &*it;
}

const Json* Members::find(const char* name, const char* older_name) {
    const Json *found = find(name), *older = find(older_name);
    if (found && older) add_error(sentence("{} and {} are the same member: expected one of them", name, older_name));
    return found ? found : older;
}

void Members::padding(ConvParams& params) {
    const Json* json = find("padding");
    if (!json) return;
    params.same = *json == "same";
    if (!params.same) read("padding", *json, params.padding, translated(", or \"same\""));
}

void Members::expected(const char* name, const Json& json, std::string_view what) {
    add_error(sentence("{} is {}: expected {}", name, shown(json), translated(what)));
}

std::string Members::problem() const {
    if (!problem_.empty()) return problem_;
    for (const auto& [key, value] : object_.items())
        if (!known_.contains(key))
            return sentence("{} is unknown: expected one of {}", in_quotes(key), fmt::join(known_, ", "));
    return {};
}

void Members::read(const char* name, const Json& json, int& value) {
    value = whole(name, json, -max_int, "a whole number");
}

void Members::read(const char* name, const Json& json, std::optional<int>& value) {
    value = whole(name, json, -max_int, "a whole number");
}

void Members::read(const char* name, const Json& json, bool& value) {
    if (!json.is_boolean()) return expected(name, json, "true or false");
    value = json.get<bool>();
}

void Members::read(const char* name, const Json& json, float& value) {
    const double wide = json.is_number() ? json.get<double>() : std::numeric_limits<double>::infinity();
    constexpr double first_infinite = 0x1.ffffffp127;  // from here on, a double rounds to an infinite float
    if (std::abs(wide) >= first_infinite) return expected(name, json, "a number");
    value = static_cast<float>(wide);
}

void Members::read(const char* name, const Json& json, Size2& value, std::string_view also) {
    const std::string what = sentence("a whole number from 0, or a pair of them, [height, width]{}", also);
    if (json.is_array()) {
        if (json.size() != 2) return expected(name, json, what);
        value = {whole(name, json[0], 0, what), whole(name, json[1], 0, what)};
    } else {
        const int both = whole(name, json, 0, what);
        value = {both, both};
    }
}

void Members::read(const char* name, const Json& json, PaddingMode& value) {
    const auto mode = json.is_string() ? padding_mode_from(json.get_ref<const std::string&>()) : std::nullopt;
    if (!mode) return expected(name, json, sentence("one of {}", fmt::join(padding_mode_names(), ", ")));
    value = *mode;
}

void Members::read(const char* name, const Json& json, UpsampleMode& value) {
    const auto mode = json.is_string() ? upsample_mode_from(json.get_ref<const std::string&>()) : std::nullopt;
    if (!mode) return expected(name, json, sentence("one of {}", fmt::join(upsample_mode_names(), ", ")));
    value = *mode;
}

void Members::read(const char* name, const Json& json, Normalize& value) {
    const auto normalize = json.is_string() ? normalize_from(json.get_ref<const std::string&>()) : std::nullopt;
    if (!normalize) return expected(name, json, sentence("one of {}", fmt::join(normalize_names(), ", ")));
    value = *normalize;
}

void Members::read(const char* name, const Json& json, std::string& value) {
    if (!json.is_string()) return expected(name, json, "a string");
    value = json.get<std::string>();
    if (value.empty() || value.size() > max_name_bytes || std::any_of(value.begin(), value.end(), is_control))
        expected(name, json, sentence("1 to {} bytes without control characters", max_name_bytes));
}

int Members::whole(const char* name, const Json& json, std::int64_t lowest, std::string_view what) {
    const bool fits = json.is_number_integer() &&
                      (!json.is_number_unsigned() || json.get<std::uint64_t>() <= static_cast<std::uint64_t>(max_int));
    const std::int64_t value = fits ? json.get<std::int64_t>() : max_int + 1;
    if (value >= lowest && value <= max_int) return static_cast<int>(value);
    expected(name, json, json.is_number_integer() && value > max_int ? sentence("at most {}", max_int) : what);
    return 0;
}

std::string Members::text(const char* name, const Json& json, std::size_t most) {
    if (json.is_string()) {
        std::string value = json.get<std::string>();
        if (value.size() <= most &&
            std::none_of(value.begin(), value.end(), [](unsigned char c) { return is_control(c) && c != '\n'; }))
            return value;
    }
    expected(name, json, sentence("a string of at most {} bytes without control characters", most));
    return {};
}

}  // namespace convlens
