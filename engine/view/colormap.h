/// Color maps: 256 colors for a number in [0,1].
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// The order of colormap_names().
enum class Colormap { viridis, magma, inferno, plasma, cividis, gray, coolwarm };

/// Their names, as matplotlib spells them and as --colormap takes them.
std::span<const std::string_view> colormap_names();

std::string_view to_string(Colormap map);
std::optional<Colormap> colormap_from(std::string_view name);

/// True for a map whose middle is a neutral color that means zero when the scale is symmetric.
bool is_diverging(Colormap map);

/// The 256 colors of a map from low to high, matplotlib's own tables.
std::span<const Rgba, 256> colors(Colormap map);

/// The index into colors() for t: floor(256 t), held to 0..255 as matplotlib's imshow does; NaN gives 0.
/// t = 0.5, zero on a symmetric scale, is always index 128.
inline int color_index(float t) {
    if (!(t > 0.0F)) return 0;
    return t >= 1.0F ? 255 : static_cast<int>(t * 256.0F);
}

}  // namespace convlens
