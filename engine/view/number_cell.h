/// Cells that each show one number: their colors and digits, in the window and in exported pictures.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/core/image.h"

namespace convlens {

/// Returns the color of a signed value: zero has the neutral middle color of coolwarm, -`largest` and +`largest` have
/// its end colors.
Rgba signed_rgba(double value, double largest);

/// Returns black or white, whichever is more readable on `background_color`.
Rgba text_color_for(const Rgba& background_color);

/// Formats `value` with `digits` decimal places and without a leading zero, like "-.25"; `plus` puts a sign before
/// positive numbers, too.
std::string short_number(double value, int digits, bool plus);

/// Returns the number of decimal places with which each of `numbers` fits into `room` pixels: 0 if all numbers are
/// integers, otherwise the largest possible of 1..3. Returns -1 if the numbers do not fit, or if so few decimal places
/// fit that the numbers would look like zero. `width` measures a text in pixels.
int fitting_digits(std::span<const double> numbers, float room, bool plus,
                   const std::function<float(const std::string&)>& width);

}  // namespace convlens
