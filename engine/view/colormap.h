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

/// Returns the name of `map`: "viridis".
std::string_view to_string(Colormap map);

/// Returns the colormap with that name; nullopt if there is none.
std::optional<Colormap> colormap_from(std::string_view name);

/// Returns true for a diverging colormap, whose middle is a neutral color: coolwarm. On a symmetric scale, the middle
/// color represents zero.
bool is_diverging(Colormap map);

/// Returns the 256 colors of `map`, from the low to the high end. They are those of matplotlib.
std::span<const Rgba, 256> colors(Colormap map);

/// Returns the index into colors() for the position t on a scale, where 0 is the low end and 1 the high end: the
/// integer part of 256 t, clamped to 0..255 as in matplotlib's imshow(). Returns 0 for NaN. The middle, t = 0.5, gives
/// 128.
inline int color_index(float t) {
    if (!(t > 0.0F)) return 0;
    return t >= 1.0F ? 255 : static_cast<int>(t * 256.0F);
}

}  // namespace convlens
