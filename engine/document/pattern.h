/// Synthetic test images.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"

namespace convlens {

/// The test images. They are gray, except for noise.
enum class Pattern {
    impulse,  ///< One white pixel in the center on black: the output shows the kernel, rotated by 180 degrees.
    step,     ///< Left half black, right half white.
    zone,     ///< Zone plate: all frequencies at all angles, from 0 in the center to Nyquist at the nearest border.
    bars,   ///< Eight fields of stripes with a period of 8 pixels. The stripes of each field have another direction, in
            ///< steps of 22.5 degrees.
    noise,  ///< Random values, uniform in [0,1), independent for every pixel and channel.
    checker,  ///< Checkerboard with squares of 8 pixels.
    star,     ///< Siemens star: 36 white and 36 black sectors around the center.
};

/// Returns the names in the order of the enumerators, as in "pattern:NAME" of the command line.
std::span<const std::string_view> pattern_names();
std::string_view to_string(Pattern pattern);
std::optional<Pattern> pattern_from(std::string_view name);

/// Returns the pattern as a tensor (1, 3, size.h, size.w) with values in [0,1]. `seed` is used only for noise.
Tensor make_pattern(Pattern pattern, Size2 size, std::uint32_t seed);

}  // namespace convlens
