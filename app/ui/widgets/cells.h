/// Colors and digits of cells that show one number each.
#pragma once

#include <span>
#include <string>

#include "engine/view/number_cell.h"

namespace convlens {

/// Returns the color of a signed value, in Dear ImGui's packed format. Zero has the neutral middle color of coolwarm;
/// -`largest` and +`largest` have its end colors.
unsigned signed_color(double value, double largest);

/// Returns `color` in Dear ImGui's packed format.
unsigned packed(const Rgba& color);

/// Returns black or white, whichever is more readable on `background_color`.
unsigned text_color_on(unsigned background_color);

/// Returns the number of decimal places with which all of `numbers` fit into cells of `cell` pixels: 0 if all numbers
/// are integers, otherwise the largest possible of 1..3. Returns -1 if the numbers do not fit, or if they would have so
/// few decimal places that they look like zero. With `plus`, positive numbers have a plus sign.
int fitting_digits(std::span<const double> numbers, float cell, bool plus);

/// Draws `text` in the center of a cell. (x, y) is the cell's upper left corner in screen pixels, `cell` its width and
/// height, and `background_color` its color, which decides whether the text is black or white.
void number_in(float x, float y, float cell, const std::string& text, unsigned background_color);

}  // namespace convlens
