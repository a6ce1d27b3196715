/// The terms of a value as colored cells with numbers.
#pragma once

#include "app/ui/tools/microscope/value_explanation.h"
#include "engine/explain/explain_picture.h"

namespace convlens {

/// The color that stands for that channel everywhere; plain text's for any other.
unsigned channel_color(std::size_t depth, int channels, int channel);

/// Draws all terms of `why` below the cursor, in the width that there is: for each input channel patch, kernel and
/// products, largest contribution first, then bias, total and what pointwise layers make of it. `zoom` enlarges the
/// cells.
void draw_terms(Frame& f, const ValueExplanation& why, float zoom);

/// The pictures of the layers from the input to the value, with the boxes that it depends on: `height` each, or lower
/// so that `rows` rows hold them. With more than one row, long chains are cut to the input and the last three.
void draw_path(Frame& f, const ValueExplanation& why, float height, int rows);

/// A picture at `at`, `size` large, with `box` of its `map` marked.
void draw_boxed(unsigned texture, float x, float y, float width, float height, Size2 map, const Rect& box);

}  // namespace convlens
