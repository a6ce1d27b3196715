/// Colors and digits of cells that each show one number.
#pragma once

#include <span>
#include <string>

#include "engine/view/number_cell.h"

namespace convlens {

/// The color of a signed value: zero is the neutral middle of coolwarm, +-`largest` reaches its ends.
unsigned signed_color(double value, double largest);

/// As Dear ImGui packs it.
unsigned packed(const Rgba& color);

/// Black or white, whatever can be read on `ground`.
unsigned ink_on(unsigned ground);

/// How many digits all of `numbers` have room for in cells of `cell` pixels, 3 at most; -1 where not one has. Whole
/// numbers need none.
int fitting_digits(std::span<const double> numbers, float cell, bool plus);

/// Writes `text` into the middle of the cell at (x, y), whose color is `ground`.
void number_in(float x, float y, float cell, const std::string& text, unsigned ground);

}  // namespace convlens
