/// JSON files that people edit: objects whose members are taken by name, and sentences about what is wrong.
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

/// The value as a message shows it: shortened, without control characters.
std::string shown(const Json& value);

/// Parses `text`. Fails in a sentence that begins with `file` where it is not JSON ("expected `what` in JSON"), is
/// nested deeper than `max_depth` + 1 levels, so that no stack and no memory is spent on what a format does not have,
/// or has a key twice in one object.
Expected<Json> json_from(std::string_view text, std::string_view file, std::string_view what, int max_depth);

/// The network that a JSON value describes, as in a network file (docs/NETWORK_FORMAT.md); for files that hold one.
Expected<Architecture> architecture_from(const Json& json, std::string_view file);

/// And back: the network without what is standard.
nlohmann::ordered_json architecture_json(const Architecture& architecture);

/// One object, whose members are taken by name; the first thing wrong is kept.
class Members {
  public:
    /// `object` must be one and outlive this.
    explicit Members(const Json& object) : object_(object) {}

    /// The member, or null when it is not there. Counts as known.
    const Json* find(const char* name);

    /// The member, also under the name that it had in older files. Complains when both are there.
    const Json* find(const char* name, const char* older_name);

    /// Reads the member; complains when it is missing.
    template <class T>
    void required(const char* name, T& value) {
        if (const Json* json = find(name)) {
            read(name, *json, value);
        } else {
            complain(fmt::format("{} is missing", name));
        }
    }

    /// Reads the member; `default_value` when it is missing.
    template <class T>
    void optional(const char* name, T& value, const T& default_value) {
        value = default_value;
        if (const Json* json = find(name)) read(name, *json, value);
    }

    /// The padding of a convolution: a size, or "same".
    void padding(ConvParams& params);

    /// Keeps the first problem.
    void complain(std::string problem) {
        if (problem_.empty()) problem_ = std::move(problem);
    }

    /// Complains that `name` is `json`, and what was expected.
    void expected(const char* name, const Json& json, std::string_view what);

    /// What is wrong; also a member that nobody asked for. Empty when nothing is.
    std::string problem() const;

    // Each takes what `json` says, or complains and leaves a harmless value.
    void read(const char* name, const Json& json, int& value);
    void read(const char* name, const Json& json, std::optional<int>& value);
    void read(const char* name, const Json& json, bool& value);
    void read(const char* name, const Json& json, float& value);
    void read(const char* name, const Json& json, Size2& value, std::string_view also = "");
    void read(const char* name, const Json& json, PaddingMode& value);
    void read(const char* name, const Json& json, Normalize& value);
    void read(const char* name, const Json& json, std::string& value);  ///< 1 to 100 bytes without control characters.

    /// A whole number of at least `lowest` and at most 2^30; `what` says so in words.
    int whole(const char* name, const Json& json, std::int64_t lowest, std::string_view what);

    /// A text of at most `most` bytes without control characters but line breaks.
    std::string text(const char* name, const Json& json, std::size_t most);

  private:
    const Json& object_;
    std::set<std::string, std::less<>> known_;
    std::string problem_;
};

}  // namespace convlens
