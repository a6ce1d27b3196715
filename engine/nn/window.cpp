/// Padding, and the output's size of pools.
#include "engine/nn/window.h"

#include <array>
#include <cassert>

namespace convlens {
namespace {

constexpr std::array<std::string_view, 4> mode_names{"zeros", "reflect", "replicate", "circular"};

}  // namespace

std::span<const std::string_view> padding_mode_names() { return mode_names; }

std::string_view to_string(PaddingMode mode) { return mode_names[static_cast<std::size_t>(mode)]; }

std::optional<PaddingMode> padding_mode_from(std::string_view name) {
    for (std::size_t i = 0; i < mode_names.size(); ++i)
        if (mode_names[i] == name) return static_cast<PaddingMode>(i);
    return std::nullopt;
}

int padded_source(PaddingMode mode, int i, int size) {
    if (i >= 0 && i < size) return i;
    switch (mode) {
        case PaddingMode::zeros: return -1;
        case PaddingMode::reflect: return i < 0 ? -i : 2 * (size - 1) - i;
        case PaddingMode::replicate: return i < 0 ? 0 : size - 1;
        case PaddingMode::circular: return i < 0 ? i + size : i - size;
    }
    assert(false);
    return -1;
}

}  // namespace convlens
