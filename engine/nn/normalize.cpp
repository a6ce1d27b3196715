/// Names of the normalizations.
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

}  // namespace convlens
