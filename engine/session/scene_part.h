/// Saved state of one tool in a scene.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace convlens {

/// A JSON value: null, a finite number, true or false, a text, a list or an object of such values. Integers with a
/// magnitude below 2^53 and float32 numbers are stored exactly. The functions can't fail: they return the default value
/// if the value is missing or has another type.
struct ScenePart {
    using List = std::vector<ScenePart>;
    using Object = std::map<std::string, ScenePart, std::less<>>;
    std::variant<std::monostate, double, bool, std::string, List, Object> value;

    /// Returns the number, the truth value or the text; `default_value` if this is something else.
    double number(double default_value = 0) const { return or_default(default_value); }
    bool flag(bool default_value = false) const { return or_default(default_value); }
    std::string text(std::string default_value = {}) const { return or_default(std::move(default_value)); }
    /// Returns the values of a list; empty if this is not a list.
    std::span<const ScenePart> list() const;
    /// Returns the member of an object; a null value if there is none.
    const ScenePart& operator[](std::string_view name) const;

    friend bool operator==(const ScenePart&, const ScenePart&) = default;

  private:
    template <class T>
    T or_default(T default_value) const {
        const T* found = std::get_if<T>(&value);
        return found ? *found : std::move(default_value);
    }
};

}  // namespace convlens
