/// Drawing on images: strokes, filling, inverting, and images as the input of a document.
#pragma once

#include <memory>

#include "engine/core/image.h"
#include "engine/document/document.h"

namespace convlens {

/// A point of an image in pixels: (0.5, 0.5) is the center of the upper left pixel.
struct DrawPoint {
    float x = 0;
    float y = 0;
    friend bool operator==(const DrawPoint&, const DrawPoint&) = default;
};

/// Draws a straight stroke of a round brush of `diameter` pixels from `from` to `to`. Pixels that the brush covers in
/// part are mixed.
void draw_stroke(Image& image, DrawPoint from, DrawPoint to, float diameter, Rgba color);

/// Fills the area of equal color around the pixel (x, y), whose pixels touch along edges. Does nothing outside of the
/// image.
void fill_area(Image& image, int x, int y, Rgba color);

/// Replaces each color by 255 minus that color.
void invert(Image& image);

/// Moves what differs from `paper` so that its center of mass, weighted by the difference in brightness, is in the
/// middle of the image, as in the images of MNIST. Pixels that come from outside are `paper`.
void center(Image& image, Rgba paper);

/// Returns the image as a picture, RGB in [0,1], without its alpha.
std::shared_ptr<const Picture> picture_of(const Image& image);

/// Returns the picture with 8 bits per channel, without its alpha.
Image image_of(const Picture& picture);

}  // namespace convlens
