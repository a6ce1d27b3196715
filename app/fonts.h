/// The typeface of the window and of exported pictures.
#pragma once

#include <filesystem>

#include "engine/view/text.h"

namespace convlens {

/// The first that is there of Debian's Inter, Roboto and DejaVu Sans; empty for none.
std::filesystem::path find_font();

/// find_font(), loaded when it is first asked for. May be asked for on any thread.
const Typeface& export_typeface();

}  // namespace convlens
