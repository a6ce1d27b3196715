/// Text truncated to the available width.
#pragma once

#include <functional>
#include <string>

namespace convlens {

/// Returns `text` (UTF-8) if it fits into `room` pixels. Otherwise returns as many of its first characters as fit,
/// followed by "...". `width` returns the width of a text in pixels.
std::string fitting_text(std::string text, float room, const std::function<float(const std::string&)>& width);

}  // namespace convlens
