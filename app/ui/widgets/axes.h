/// Axes with ticks, labels and units, which plots and pictures are drawn in.
#pragma once

#include <span>
#include <string>

#include "app/ui/frame.h"
#include "engine/view/chart.h"

namespace convlens {

/// The area between the axes, in screen pixels.
struct PlotArea {
    float x0 = 0, y0 = 0, x1 = 0, y1 = 0;  ///< Left, top, right, bottom.
    Axis x, y;

    float place_x(double value) const;
    float place_y(double value) const;  ///< y.lo is at the bottom.
    /// Return the value under the mouse.
    double mouse_x() const;
    double mouse_y() const;
};

/// Returns the sizes of the labels and ticks at the left of and below a PlotArea, in pixels.
float axis_room_x();
float axis_room_y();

/// Draws a background, axes with ticks at round values and their labels, `width` x `height` pixels in all, as an item
/// with the name `id` in the UI map.
PlotArea axes(Frame& f, const char* id, Axis x, Axis y, float width, float height);

/// Draws a curve of values at `x`, in Dear ImGui's packed color. Values beyond the axes are cut off; values that are
/// not finite interrupt the curve.
void curve(const PlotArea& area, std::span<const double> x, std::span<const double> y, unsigned color);

/// Draws a bar for each of `values` at 1, 2, ..., from zero. The first `full` bars are drawn in `color`, others
/// faintly.
void bars(const PlotArea& area, std::span<const double> values, int full, unsigned color);

/// Draws a picture that fills the area.
void picture_in(Frame& f, const PlotArea& area, const std::shared_ptr<const Image>& picture);

/// Draws a vertical line at a value, with a short text beside it.
void mark_x(const PlotArea& area, double x, const std::string& text);

}  // namespace convlens
