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

/// Returns the value as text for a message: shortened and without control characters.
std::string shown(const Json& value);

/// Parses `text`. Fails with a message that begins with `file` if the text is not JSON ("expected `what` in JSON"), is
/// nested deeper than `max_depth` + 1 levels (so that malformed input can't exhaust stack or memory), or has a key
/// twice in one object.
Expected<Json> json_from(std::string_view text, std::string_view file, std::string_view what, int max_depth);

/// Returns the network that a JSON value describes, in the format of a network file (docs/NETWORK_FORMAT.md). For files
/// that contain a network.
Expected<Architecture> architecture_from(const Json& json, std::string_view file);

/// The inverse of architecture_from(): returns the network as JSON, without members that have default values.
nlohmann::ordered_json architecture_json(const Architecture& architecture);

/// Reads members of one object by name and keeps the first error.
class Members {
  public:
    /// `object` must be a JSON object and outlive this instance.
    explicit Members(const Json& object) : object_(object) {}

    /// Returns the member, or null if it does not exist. problem() does not report the member as unknown.
    const Json* find(const char* name);

    /// Returns the member called `name` or `older_name`, the name in older files; null if neither exists. Calls
    /// add_error() if both exist.
    const Json* find(const char* name, const char* older_name);

    /// Reads the member; calls add_error() if it is missing.
    template <class T>
    void required(const char* name, T& value) {
        if (const Json* json = find(name)) {
            read(name, *json, value);
        } else {
            add_error(fmt::format("{} is missing", name));
        }
    }

    /// Reads the member; uses `default_value` if it is missing.
    template <class T>
    void optional(const char* name, T& value, const T& default_value) {
        value = default_value;
        if (const Json* json = find(name)) read(name, *json, value);
    }

    /// Reads the padding of a convolution: a size, or "same".
    void padding(ConvParams& params);

    /// Stores an error for problem(); only the first error is kept.
    void add_error(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    /// Calls add_error() with the message that `name` is `json` although `what` was expected.
    void expected(const char* name, const Json& json, std::string_view what);

    /// Returns the first error, or that the object has an unknown member. Returns an empty string if there is no error.
    std::string problem() const;

    // Each function reads `json` into `value`. If `json` is invalid, it calls add_error() and leaves a valid value.
    void read(const char* name, const Json& json, int& value);
    void read(const char* name, const Json& json, std::optional<int>& value);
    void read(const char* name, const Json& json, bool& value);
    void read(const char* name, const Json& json, float& value);
    void read(const char* name, const Json& json, Size2& value, std::string_view also = "");
    void read(const char* name, const Json& json, PaddingMode& value);
    void read(const char* name, const Json& json, Normalize& value);
    void read(const char* name, const Json& json, std::string& value);  ///< 1 to 100 bytes without control characters.

    /// Returns an integer of at least `lowest` and at most 2^30; `what` describes it in words.
    int whole(const char* name, const Json& json, std::int64_t lowest, std::string_view what);

    /// Returns a string of at most `most` bytes without control characters except line breaks.
    std::string text(const char* name, const Json& json, std::size_t most);

  private:
    const Json& object_;
    std::set<std::string, std::less<>> known_;
    std::string problem_;
};

}  // namespace convlens
