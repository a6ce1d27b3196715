/// Files with the automatically saved document of a program that crashed.
#pragma once

#include <filesystem>

namespace convlens {

/// Returns the path of this process's autosave file: autosave-PID.json in state_folder(). Returns an empty path without
/// a home directory.
std::filesystem::path autosave_file();

/// Renames the newest autosave file of a process that has ended, so that no other process takes it, and removes the
/// autosave files of other ended processes. Returns the new path, or an empty path if there is none.
std::filesystem::path take_crashed();

}  // namespace convlens
