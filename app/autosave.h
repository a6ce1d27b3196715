/// Autosave files: a running window saves its document to such a file, so that it can be restored after a crash.
#pragma once

#include <filesystem>

namespace convlens {

/// Returns the path of this process's autosave file: autosave-PID.json in state_folder() (~/.local/state/convlens on
/// Linux), where PID is the process id. The file may not exist. Returns an empty path if the user has no home folder.
std::filesystem::path autosave_file();

/// Finds the document of a program that crashed. Renames the newest autosave file of a process that has ended to
/// last-session.json in the same folder, so that no other process takes it. Removes the other autosave files and the
/// unfinished files of ended processes. Returns the new path, or an empty path if no such file exists or it cannot be
/// renamed.
std::filesystem::path take_crashed();

}  // namespace convlens
