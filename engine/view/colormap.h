/// Colormaps: 256 colors for numbers in [0,1].
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// The colormaps, in the order of colormap_names().
enum class Colormap { viridis, magma, inferno, plasma, cividis, gray, coolwarm };

/// Returns the names of the colormaps, as in matplotlib and in the option --colormap.
std::span<const std::string_view> colormap_names();

std::string_view to_string(Colormap map);
std::optional<Colormap> colormap_from(std::string_view name);

/// Returns true for a diverging colormap: its middle is a neutral color, which represents zero on a symmetric scale.
bool is_diverging(Colormap map);

/// Returns the 256 colors of a colormap from low to high, from matplotlib's tables.
std::span<const Rgba, 256> colors(Colormap map);

/// Returns the index into colors() for t: floor(256 t), clamped to 0..255 as in matplotlib's imshow; 0 for NaN. t =
/// 0.5, which is zero on a symmetric scale, always has index 128.
inline int color_index(float t) {
    if (!(t > 0.0F)) return 0;
    return t >= 1.0F ? 255 : static_cast<int>(t * 256.0F);
}

}  // namespace convlens
