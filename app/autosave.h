/// Autosave files: a running window saves its document, and a changed lecture, to such files, so that they can be
/// restored after a crash.
#pragma once

#include <filesystem>

namespace convlens {

/// The autosave files of one process, in state_folder() (~/.local/state/convlens on Linux). The files may not exist;
/// the paths are empty if the user has no home folder.
struct AutosaveFiles {
    std::filesystem::path session;  ///< autosave-PID.json, where PID is the process id; see save_autosave().
    std::filesystem::path lecture;  ///< lecture-PID.json, a lecture with absolute paths.
};

/// Returns the autosave files of this process.
AutosaveFiles autosave_files();

/// Finds what a program that crashed has left: renames the newest session and the newest lecture of processes that have
/// ended to last-session.json (or .zip) and last-lecture.json in the same folder, so that no other process takes them.
/// If there is no newer session, or if there is a last-lecture.json already, returns the file that an earlier call has
/// left: the caller removes a file once the user has decided about it. Removes older sessions and the unfinished files
/// of ended processes; keeps older lectures for later calls. Call it before this process writes its own files. Returns
/// the new paths; a path is empty if no such file exists or it cannot be renamed.
AutosaveFiles take_crashed();

}  // namespace convlens
