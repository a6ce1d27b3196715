/// Text that is cut to the room that there is.
#pragma once

#include <functional>
#include <string>

namespace convlens {

/// `text`, UTF-8, or as many of its characters as fit into `room` pixels with "..." behind them. `width` measures a
/// text in pixels.
std::string fitting_text(std::string text, float room, const std::function<float(const std::string&)>& width);

}  // namespace convlens
