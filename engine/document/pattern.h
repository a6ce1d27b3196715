/// Test images made by formula.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/shape.h"
#include "engine/core/tensor.h"

namespace convlens {

enum class Pattern {
    impulse,  ///< One bright pixel in the middle: the output shows the kernel, turned by 180 degrees.
    step,     ///< Dark left half, bright right half.
    zone,     ///< Zone plate: every frequency at every angle; 0 in the middle to Nyquist at the nearest border.
    bars,     ///< Eight fields of stripes, 8 pixels a period, at 0, 22.5, ... 157.5 degrees.
    noise,    ///< Uniform in [0,1), every channel by itself.
    checker,  ///< Squares of 8 pixels.
};

/// Their names in the enum's order, as pattern:NAME takes them.
std::span<const std::string_view> pattern_names();
std::string_view to_string(Pattern pattern);
std::optional<Pattern> pattern_from(std::string_view name);

/// (1, 3, size.h, size.w), values in [0,1], gray except noise. `seed` matters for noise only.
Tensor make_pattern(Pattern pattern, Size2 size, std::uint32_t seed);

}  // namespace convlens
