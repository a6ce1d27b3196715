/// The typeface of the window and of exported pictures.
#pragma once

#include <filesystem>

#include "engine/view/text.h"

namespace convlens {

/// Returns the file of Inter in the assets folder, or an empty path if it is missing.
std::filesystem::path find_font();

/// Returns the typeface in the file from find_font(), which is loaded at the first call. May be called on any thread.
const Typeface& export_typeface();

}  // namespace convlens
