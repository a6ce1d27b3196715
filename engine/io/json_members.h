/// Reading of JSON files that people edit: members of objects by name, and messages for errors.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/nn/architecture.h"

namespace convlens {

using Json = nlohmann::json;

/// Returns the JSON text of `value` for a message: cut after 40 bytes, without characters outside of ASCII.
std::string shown(const Json& value);

/// Parses `text`. Fails with a message that begins with `file` if the text is not JSON, is nested deeper than
/// `max_depth` + 1 levels (so that malformed input can't exhaust stack or memory), has a key twice in one object, or
/// contains a number that is too large. `what` names the expected content in messages: "a network".
Expected<Json> json_from(std::string_view text, std::string_view file, std::string_view what, int max_depth);

/// Returns the network that `json` describes in the format of docs/NETWORK_FORMAT.md: a network file, or a network
/// inside a session. Fails with a message that begins with `file`.
Expected<Architecture> architecture_from(const Json& json, std::string_view file);

/// Returns the network as JSON that architecture_from() reads. Members with their default value are left out.
nlohmann::ordered_json architecture_json(const Architecture& architecture);

/// Reads the members of one JSON object by name and keeps the first error. After all members have been read, problem()
/// also reports members that nobody asked for.
class Members {
  public:
    /// `object` must be a JSON object and outlive this instance.
    explicit Members(const Json& object) : object_(object) {}

    /// Returns the member; null if it does not exist. Marks `name` as known, so that problem() does not report it as
    /// unknown.
    const Json* find(const char* name);

    /// Returns the member called `name` or, from files of earlier versions, `older_name`; null if neither exists. Calls
    /// add_error() if both exist.
    const Json* find(const char* name, const char* older_name);

    /// Reads the member; calls add_error() if it is missing.
    template <class T>
    void required(const char* name, T& value) {
        if (const Json* json = find(name)) {
            read(name, *json, value);
        } else {
            add_error(sentence("{} is missing", name));
        }
    }

    /// Reads the member; sets `value` to `default_value` if it is missing.
    template <class T>
    void optional(const char* name, T& value, const T& default_value) {
        value = default_value;
        if (const Json* json = find(name)) read(name, *json, value);
    }

    /// Reads the member "padding" of a convolution: a size, or "same". Does not change `params` if it is missing.
    void padding(ConvParams& params);

    /// Stores an error for problem(), translated() if it is English; only the first error is kept.
    void add_error(const std::string& problem) {
        if (problem_.empty()) problem_ = translated(problem);
    }

    /// Calls add_error() with "NAME is JSON: expected WHAT"; `what` is English or translated.
    void expected(const char* name, const Json& json, std::string_view what);

    /// Returns the first error, or that the object has an unknown member. Returns an empty string if there is no error.
    std::string problem() const;

    // Each function reads `json`, the member `name`, into `value`. If `json` is invalid, the function calls add_error()
    // and the content of `value` is unspecified.

    /// Reads an integer from -2^30 to 2^30.
    void read(const char* name, const Json& json, int& value);
    void read(const char* name, const Json& json, std::optional<int>& value);
    void read(const char* name, const Json& json, bool& value);
    void read(const char* name, const Json& json, float& value);
    /// Reads one integer from 0 to 2^30 for both sides, or a pair [height, width]. `also` is appended to the
    /// description of accepted values in messages.
    void read(const char* name, const Json& json, Size2& value, std::string_view also = "");
    void read(const char* name, const Json& json, PaddingMode& value);
    void read(const char* name, const Json& json, UpsampleMode& value);
    void read(const char* name, const Json& json, Normalize& value);
    void read(const char* name, const Json& json, std::string& value);  ///< 1 to 100 bytes without control characters.

    /// Returns `json` as an integer from `lowest` to 2^30. If it is anything else, calls expected() with `what`, a
    /// description of the accepted values, and returns 0.
    int whole(const char* name, const Json& json, std::int64_t lowest, std::string_view what);

    /// Returns `json` as a string of at most `most` bytes without control characters except line breaks. If it is
    /// anything else, calls expected() and returns an empty string.
    std::string text(const char* name, const Json& json, std::size_t most);

  private:
    const Json& object_;
    std::set<std::string, std::less<>> known_;
    std::string problem_;
};

}  // namespace convlens
