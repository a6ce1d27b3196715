/// Colors and digits of cells that show one number each.
#pragma once

#include <span>
#include <string>

#include "engine/view/number_cell.h"

namespace convlens {

/// The color of a signed value: zero is the neutral center of coolwarm, -`largest` and +`largest` are its ends.
unsigned signed_color(double value, double largest);

/// The color in Dear ImGui's packed format.
unsigned packed(const Rgba& color);

/// Black or white, whichever has more contrast with `ground`.
unsigned ink_on(unsigned ground);

/// Number of digits, at most 3, with which all of `numbers` fit into cells of `cell` pixels; -1 if none fits. Whole
/// numbers need no digits.
int fitting_digits(std::span<const double> numbers, float cell, bool plus);

/// Draws `text` in the center of the cell at (x, y), whose color is `ground`.
void number_in(float x, float y, float cell, const std::string& text, unsigned ground);

}  // namespace convlens
