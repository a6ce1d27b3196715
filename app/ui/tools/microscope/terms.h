/// Draws the terms of a value as colored cells with numbers.
#pragma once

#include "app/ui/tools/microscope/value_explanation.h"
#include "engine/explain/explain_picture.h"

namespace convlens {

/// Returns the color in which channel `channel` of `channels` is named, in Dear ImGui's packed format: red, green or
/// blue for a channel of a color image, otherwise the text color. `depth` is the number of layers before the channels:
/// 0 means the network's input.
unsigned channel_color(std::size_t depth, int channels, int channel);

/// Draws the terms of `why` in the available width: the patch of each input channel and, for sums of products, its
/// kernel and its products. More than three channels are sorted by contribution, largest first. For Linear, softmax and
/// 1x1 layers with many channels, draws a list of the largest terms instead. Below follow the bias, the total and the
/// results of the pointwise layers (layers that transform each value separately). `zoom` enlarges the cells; 1 is the
/// normal size.
void draw_terms(Frame& f, const ValueExplanation& why, float zoom);

/// Draws the pictures in why.path, from the input to the displayed layer, each with a box around the part that the
/// explained value depends on. Layers without a picture are left out. The pictures are `height` pixels high, or lower
/// if they would not fit into `rows` rows. If `rows` > 1, more than five pictures are reduced to the input and the last
/// three layers.
void draw_path(Frame& f, const ValueExplanation& why, float height, int rows);

/// Draws a picture of a feature map, given as an OpenGL texture, as `width` x `height` pixels at screen point (x, y),
/// and outlines `box` in it. `box` is in rows and columns of the feature map, whose size is `map`; a box of width 0 is
/// not outlined.
void draw_boxed(unsigned texture, float x, float y, float width, float height, Size2 map, const Rect& box);

}  // namespace convlens
