/// The trail: how the value at one position changes while frames run.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/ui/frame.h"

namespace convlens {

/// The values of one position in the frames that were seen.
struct TrailView {
    std::string layer;
    std::optional<PixelPosition> at;
    std::vector<float> values;  ///< The oldest first; at most max_trail.
    std::shared_ptr<const Image> last_seen;
};

inline constexpr std::size_t max_trail = 300;

/// Takes the value of the explained position if another picture is on screen and frames run. Begins again at another
/// position or layer.
void follow_trail(Frame& f, bool running);

/// Draws the values as a plot.
void trail_part(Frame& f);

/// Writes the number of values and the newest one to f.map.
void report_trail(Frame& f);

}  // namespace convlens
