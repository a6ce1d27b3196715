/// The typeface of the window and of exported pictures.
#pragma once

#include <filesystem>

namespace convlens {

/// The first that is there of Debian's Inter, Roboto and DejaVu Sans; empty for none.
std::filesystem::path find_font();

}  // namespace convlens
