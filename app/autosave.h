/// Autosave files: a running window saves its document, and a changed lecture, to such files, so that they can be
/// restored after a crash.
#pragma once

#include <filesystem>

namespace convlens {

/// The autosave files of one process, in state_folder() (~/.local/state/convlens on Linux). The files may not exist;
/// the paths are empty if the user has no home folder.
struct AutosaveFiles {
    std::filesystem::path session;  ///< autosave-PID.json, where PID is the process id.
    std::filesystem::path lecture;  ///< lecture-PID.json, a lecture with absolute paths.
};

/// Returns the autosave files of this process.
AutosaveFiles autosave_files();

/// Finds what a program that crashed has left. Renames the newest autosave files of processes that have ended to
/// last-session.json and last-lecture.json in the same folder, so that no other process takes them. Removes the other
/// autosave files and the unfinished files of ended processes. Returns the new paths; a path is empty if no such file
/// exists or it cannot be renamed.
AutosaveFiles take_crashed();

}  // namespace convlens
