/// Line plots over training steps.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/ui/frame.h"

namespace convlens {

/// A line of a plot.
struct PlotLine {
    unsigned color;                                ///< In Dear ImGui's packed format.
    std::vector<std::pair<double, float>> points;  ///< Step and value; non-finite values are omitted.
};

/// Draws line plots on one pair of axes, which fit the values of all lines, under `title`. A vertical line marks step
/// `mark` if it lies within the plot. `id` names the plot in the UI map.
void plot(Frame& f, const char* id, const std::vector<PlotLine>& lines, double mark, const std::string& title,
          const char* tooltip_text);

/// Colors of lines, in Dear ImGui's packed format (ABGR): blue for training data and features, orange for validation
/// data and pixels.
inline constexpr unsigned first_ink = 0xFFF5965FU, second_ink = 0xFF3C82E6U;  // ABGR

}  // namespace convlens
