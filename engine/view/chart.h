/// Charts: curves over axes with ticks, units and a legend, as images, as SVG and as tables.
#pragma once

#include <string>
#include <vector>

#include "engine/core/image.h"
#include "engine/core/shape.h"
#include "engine/view/paper.h"
#include "engine/view/text.h"

namespace convlens {

/// One axis: the values at its two ends (lo at the left or at the bottom), and what they are with their unit, as in
/// "frequency (cycles per pixel)".
struct Axis {
    double lo = 0, hi = 1;
    std::string label;
    bool logarithmic = false;  ///< lo and hi must be positive then.

    /// Returns where a value lies: 0 at lo, 1 at hi.
    double place(double value) const;
    /// Returns the value at a place.
    double value(double place) const;
};

/// A place with its text.
struct Tick {
    double value = 0;
    std::string text;
};

/// Returns ticks at round values, at most about `count` of them: multiples of 1, 2 or 5 times a power of ten. On a
/// logarithmic axis, 1, 2 and 5 times powers of ten, or powers of ten only. The ends may be in either order.
std::vector<Tick> ticks(const Axis& axis, int count);

/// A curve. Values that are not finite interrupt it.
struct ChartCurve {
    std::string name;
    Rgba color{};
    std::vector<double> x, y;
};

struct Chart {
    std::string title;
    Axis x, y;
    std::vector<ChartCurve> curves;
};

/// Returns the color of curve `index` of `count`: six colors that are easy to tell apart or, for more curves, colors
/// from dark blue over green to yellow.
Rgba curve_color(int index, int count);

/// Draws a chart of `size` pixels with a legend at the right.
Image chart_image(const Chart& chart, Size2 size, const Typeface& typeface, Paper paper = Paper::white);

/// Returns the chart as an SVG file of `size`, with texts as text. `typeface` is used to measure texts only.
std::string chart_svg(const Chart& chart, Size2 size, const Typeface& typeface);

/// Returns the values as CSV: the first column is the x of the first curve, the others are the y of all curves, which
/// must have equally many values. Numbers that are not finite are empty.
std::string chart_csv(const Chart& chart);

/// Returns `text` as a field of CSV: in quotes if it contains a comma or a quote, with hidden characters made visible
/// as by printable(), and after an apostrophe if a spreadsheet would take it for a formula because it begins with =, +,
/// - or @.
std::string csv_field(const std::string& text);

}  // namespace convlens
