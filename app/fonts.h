/// The typeface of the window and of exported pictures.
#pragma once

#include <filesystem>

#include "engine/view/text.h"

namespace convlens {

/// The first of Debian's Inter, Roboto and DejaVu Sans that is installed; empty if there is none.
std::filesystem::path find_font();

/// The typeface from find_font(), loaded on first use. May be called on any thread.
const Typeface& export_typeface();

}  // namespace convlens
