/// The document of a program that ended by accident.
#pragma once

#include <filesystem>

namespace convlens {

/// This program's file, $XDG_STATE_HOME/convlens/autosave-PID.json or below ~/.local/state; empty without a home.
std::filesystem::path autosave_file();

/// The newest autosave of a program that runs no more, under a name that no other start will find; older ones are
/// removed. Empty for none.
std::filesystem::path take_crashed();

}  // namespace convlens
