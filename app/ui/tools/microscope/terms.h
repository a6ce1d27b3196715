/// Draws the terms of a value as colored cells with numbers.
#pragma once

#include "app/ui/tools/microscope/value_explanation.h"
#include "engine/explain/explain_picture.h"

namespace convlens {

/// Returns the color that represents the channel if it has one (red, green and blue of the input), otherwise the text
/// color.
unsigned channel_color(std::size_t depth, int channels, int channel);

/// Draws all terms of `why` below the cursor in the available width: for each input channel its patch, kernel and
/// products, largest contribution first, then the bias, the total and the results of pointwise layers. `zoom` enlarges
/// the cells.
void draw_terms(Frame& f, const ValueExplanation& why, float zoom);

/// Draws the pictures of the layers from the input to the explained value, with boxes around the values that it depends
/// on. The pictures are `height` pixels high, or less if they would not fit into `rows` rows. With more than one row,
/// long chains are reduced to the input and the last three layers.
void draw_path(Frame& f, const ValueExplanation& why, float height, int rows);

/// Draws a picture of a feature map at (x, y) and outlines `box` in it. The box is in coordinates of the feature map,
/// whose size is `map`.
void draw_boxed(unsigned texture, float x, float y, float width, float height, Size2 map, const Rect& box);

}  // namespace convlens
