/// Tables and names of the colormaps.
#include "engine/view/colormap.h"

#include <cstdint>

#include "engine/core/named.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 7> names{"viridis", "magma", "inferno", "plasma", "cividis", "gray", "coolwarm"};

constexpr std::uint32_t tables[] = {
#include "engine/view/colormap_tables.inc"
};
static_assert(std::size(tables) == names.size() * 256);

using Table = std::array<Rgba, 256>;

constexpr std::array<Table, names.size()> unpack() {
    std::array<Table, names.size()> result{};
    for (std::size_t i = 0; i < std::size(tables); ++i) {
        const std::uint32_t v = tables[i];
        result[i / 256][i % 256] = {static_cast<std::uint8_t>(v >> 16), static_cast<std::uint8_t>(v >> 8),
                                    static_cast<std::uint8_t>(v), 255};
    }
    return result;
}

constexpr auto unpacked = unpack();

}  // namespace

std::span<const std::string_view> colormap_names() { return names; }

std::string_view to_string(Colormap map) { return names[static_cast<std::size_t>(map)]; }

std::optional<Colormap> colormap_from(std::string_view name) { return named<Colormap>(names, name); }

bool is_diverging(Colormap map) { return map == Colormap::coolwarm; }

std::span<const Rgba, 256> colors(Colormap map) { return unpacked[static_cast<std::size_t>(map)]; }

}  // namespace convlens
