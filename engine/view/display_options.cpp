/// Display options as text: scales, sort orders, channel lists.
#include "engine/view/display_options.h"

#include <array>
#include <cmath>

#include "engine/core/named.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 5> scale_names{"per-channel", "shared", "symmetric", "per-channel-symmetric",
                                                      "fixed"};
constexpr std::array<std::string_view, 4> sort_names{"index", "mean", "max", "energy"};
constexpr int max_listed_channels = 65536;

}  // namespace

Expected<Scale> scale_from(std::string_view text) {
    std::string_view rest = text;
    const std::string_view word = cut(rest, ':');
    if (const auto mode = named<ScaleMode>(scale_names, text); mode && *mode != ScaleMode::fixed) return Scale{*mode};
    if (word == "fixed") {
        const auto lo = parse_number<float>(cut(rest, ':'));
        const auto hi = parse_number<float>(rest);
        if (lo && hi && std::isfinite(*hi - *lo) && *lo < *hi) return Scale{ScaleMode::fixed, *lo, *hi};
    }
    return fail(
        "scale '{}' is not per-channel, shared, symmetric, per-channel-symmetric or fixed:LO:HI with LO below HI",
        text);
}

std::string to_string(const Scale& scale) {
    const auto name = scale_names[static_cast<std::size_t>(scale.mode)];
    if (scale.mode != ScaleMode::fixed) return std::string(name);
    return fmt::format("{}:{}:{}", name, scale.lo, scale.hi);
}

Expected<Sort> sort_from(std::string_view text) {
    if (const auto sort = named<Sort>(sort_names, text)) return *sort;
    return fail("sort order '{}' is not index, mean, max or energy", text);
}

std::string_view to_string(Sort sort) { return sort_names[static_cast<std::size_t>(sort)]; }

Expected<std::vector<int>> channels_from(std::string_view text) {
    std::vector<int> channels;
    std::string_view rest = text;
    do {
        const bool more = rest.find(',') != std::string_view::npos;
        std::string_view part = cut(rest, ',');
        const bool range = part.find('-') != std::string_view::npos;
        const auto first = parse_number<int>(cut(part, '-'));
        const auto last = range ? parse_number<int>(part) : first;
        if (!first || !last || (more && rest.empty()) || *first < 0 || *last < *first || *last >= max_listed_channels)
            return fail("channel list '{}' is not of the form 0-63 or 3,7,12", text);
        for (int c = *first; c <= *last; ++c) channels.push_back(c);
        if (channels.size() > max_listed_channels)
            return fail("channel list '{}' names more than {} channels", text, max_listed_channels);
    } while (!rest.empty());
    return channels;
}

}  // namespace convlens
