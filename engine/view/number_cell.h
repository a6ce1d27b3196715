/// Cells that each show one number: their colors and digits, in the window and in exported pictures.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/core/image.h"

namespace convlens {

/// Returns the color of a signed value: zero is the neutral middle of coolwarm, +-`largest` are its ends.
Rgba signed_rgba(double value, double largest);

/// Returns black or white, whichever is readable on the background `ground`.
Rgba ink_for(const Rgba& ground);

/// Formats `value` with `digits` decimal places and without a leading zero, like "-.25"; `plus` puts a sign before
/// positive numbers, too.
std::string short_number(double value, int digits, bool plus);

/// Returns the largest number of decimal places, at most 3, with which each of `numbers` fits into `room` pixels; 0 if
/// all of them are integers, -1 if nothing fits. `width` measures a text in pixels.
int fitting_digits(std::span<const double> numbers, float room, bool plus,
                   const std::function<float(const std::string&)>& width);

}  // namespace convlens
