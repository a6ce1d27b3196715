/// Cells that each show one number: their colors and digits, in the window and in exported pictures.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/core/image.h"

namespace convlens {

/// The color of a signed value: zero is the neutral middle of coolwarm, +-`largest` reaches its ends.
Rgba signed_rgba(double value, double largest);

/// Black or white, whichever can be read on `ground`.
Rgba ink_for(const Rgba& ground);

/// "-.25" with `digits` digits; `plus` puts a sign before positive numbers too.
std::string short_number(double value, int digits, bool plus);

/// How many digits all of `numbers` have room for in `room` pixels, 3 at most; -1 where not one has. Whole numbers need
/// none. `width` measures a text in pixels.
int fitting_digits(std::span<const double> numbers, float room, bool plus,
                   const std::function<float(const std::string&)>& width);

}  // namespace convlens
