/// Synthetic test images.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"

namespace convlens {

enum class Pattern {
    impulse,  ///< One bright pixel in the center: the output shows the kernel, rotated by 180 degrees.
    step,     ///< Dark left half, bright right half.
    zone,     ///< Zone plate: all frequencies at all angles, from 0 in the center to Nyquist at the nearest border.
    bars,     ///< Eight fields of stripes with a period of 8 pixels, at 0, 22.5, ... 157.5 degrees.
    noise,    ///< Uniform in [0,1), independent for every channel.
    checker,  ///< Squares of 8 pixels.
};

/// Returns the names in the order of the enumerators, as used in pattern:NAME.
std::span<const std::string_view> pattern_names();
std::string_view to_string(Pattern pattern);
std::optional<Pattern> pattern_from(std::string_view name);

/// Makes a (1, 3, size.h, size.w) tensor with values in [0,1], gray except for noise. `seed` is used only for noise.
Tensor make_pattern(Pattern pattern, Size2 size, std::uint32_t seed);

}  // namespace convlens
