/// Saved state of one tool in a scene.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace convlens {

/// A JSON value: nothing, a finite number, true or false, a text, a list or an object of these. Whole numbers below
/// 2^53 and single-precision numbers are stored exactly. Reading can't fail: if the value is missing or has another
/// type, the default value is returned.
struct ScenePart {
    using List = std::vector<ScenePart>;
    using Object = std::map<std::string, ScenePart, std::less<>>;
    std::variant<std::monostate, double, bool, std::string, List, Object> value;

    double number(double default_value = 0) const { return or_default(default_value); }
    bool flag(bool default_value = false) const { return or_default(default_value); }
    std::string text(std::string default_value = {}) const { return or_default(std::move(default_value)); }
    /// The values of a list; empty if it is not one.
    std::span<const ScenePart> list() const;
    /// The member of an object; nothing if there is none.
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
