/// Files with the automatically saved document of a program that crashed.
#pragma once

#include <filesystem>

namespace convlens {

/// Path of this process's autosave file: $XDG_STATE_HOME/convlens/autosave-PID.json, or below ~/.local/state; empty
/// without a home directory.
std::filesystem::path autosave_file();

/// Returns the newest autosave of a process that has ended, renamed so that no other start finds it, and removes
/// older ones. Returns an empty path if there is none.
std::filesystem::path take_crashed();

}  // namespace convlens
