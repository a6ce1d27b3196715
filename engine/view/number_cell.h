/// Cells that each show one number: their colors and digits, in the window and in exported pictures.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "engine/core/image.h"

namespace convlens {

/// Returns the color of `value` in the colormap coolwarm: zero has the neutral middle color, and -largest and +largest
/// have the colors of the two ends.
Rgba signed_rgba(double value, double largest);

/// Returns black for a bright and white for a dark `background_color`, so that text is readable on it.
Rgba text_color_for(const Rgba& background_color);

/// Formats `value` with `digits` decimal places and without the zero before the decimal point, for example "-.25". If
/// `plus` is true, positive numbers get a plus sign.
std::string short_number(double value, int digits, bool plus);

/// Returns the number of decimal places with which short_number() makes each of `numbers` fit into `room` pixels: 0 if
/// all numbers are integers, otherwise the largest possible number from 1 to 3. Returns -1 if the numbers do not fit,
/// or if so few decimal places fit that all numbers would look like zero. `width` returns the width of a text in
/// pixels.
int fitting_digits(std::span<const double> numbers, float room, bool plus,
                   const std::function<float(const std::string&)>& width);

}  // namespace convlens
