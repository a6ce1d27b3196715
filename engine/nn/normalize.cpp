/// Names and levels of the normalizations.
#include "engine/nn/normalize.h"

#include <array>
#include <cstddef>

#include "engine/core/named.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 3> names{"none", "imagenet", "half"};

}  // namespace

std::span<const std::string_view> normalize_names() { return names; }

std::string_view to_string(Normalize normalize) { return names[static_cast<std::size_t>(normalize)]; }

std::optional<Normalize> normalize_from(std::string_view name) { return named<Normalize>(names, name); }

Levels levels_of(Normalize normalize, int channel, int channels) {
    constexpr std::array<Levels, 3> imagenet{{{0.485F, 0.229F}, {0.456F, 0.224F}, {0.406F, 0.225F}}};
    if (normalize == Normalize::none) return {};
    if (normalize == Normalize::half) return {0.5F, 0.5F};
    return channels == 3 ? imagenet[static_cast<std::size_t>(channel)] : Levels{0.449F, 0.226F};
}

}  // namespace convlens
