/// Curves over training steps.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "app/ui/frame.h"

namespace convlens {

struct PlotLine {
    unsigned color;
    std::vector<std::pair<double, float>> points;  ///< Step and value; non-finite values are omitted.
};

/// Draws line plots on one pair of axes, scaled to the values of all lines, with a vertical line at step `mark`.
void plot(Frame& f, const char* id, const std::vector<PlotLine>& lines, double mark, const std::string& title,
          const char* tooltip_text);

/// Distinguishable colors: blue for training and for features, orange for validation and for pixels.
inline constexpr unsigned first_ink = 0xFFF5965FU, second_ink = 0xFF3C82E6U;  // ABGR

}  // namespace convlens
