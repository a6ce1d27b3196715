/// The drawing pad: the input as a canvas to draw on.
#pragma once

#include <memory>

#include "app/ui/tool.h"
#include "engine/document/drawing.h"

namespace convlens {

/// What the mouse does on the canvas.
enum class DrawMode { brush, eraser, line, fill };

/// State of the pad. The drawing itself is the document's input.
struct DrawView {
    DrawMode mode = DrawMode::brush;
    bool in_color = false;                     ///< Whether `color` is used, else `gray`.
    float color[3] = {1.0F, 0.35F, 0.1F};      ///< Red, green and blue, 0..1.
    int gray = 255;                            ///< 0 black to 255 white.
    int diameter = 3;                          ///< Of the brush, in pixels.
    bool light_paper = false;                  ///< Whether the eraser and Clear paint white, else black.
    int side = 1;                              ///< Index of the size of a new canvas in draw_sides.
    std::shared_ptr<const Image> before;       ///< The canvas before the stroke that is being drawn.
    DrawPoint begin, last;                     ///< First and last point of that stroke.
    int drawings = 0;                        ///< Number of pictures that were made, for drawing_origin().
    std::shared_ptr<const Picture> read_from;  ///< The picture of the input, and ...
    std::shared_ptr<const Image> read;         ///< ... its pixels.
};

/// Sides of a new canvas, in pixels.
inline constexpr int draw_sides[] = {28, 64, 128, 256, 512};

/// The tool's entry in the table of tools.
extern const Tool draw_tool;

/// Returns the pixels of the drawing; null if the input is none: a single picture without a file, of at most 512 pixels
/// per side.
std::shared_ptr<const Image> drawing_of(Frame& frame);

/// Makes `image` the input.
void put_drawing(Frame& frame, Image image);

/// Draws the pad in the panel on the right.
void draw_panel(Frame& frame);

}  // namespace convlens
