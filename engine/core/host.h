/// What the operating system knows: processes, memory, variables, folders, the terminal. All strings are UTF-8.
/// host_posix.cpp and host_windows.cpp implement it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace convlens {

/// Returns the id of this process.
long process_id();

/// Returns true if no process has the id `id`. A process of another user counts as running.
bool process_has_ended(long id);

/// Returns true if someone can watch what is printed to stderr, so that a progress bar makes sense.
bool stderr_is_terminal();

/// Returns the size of the machine's memory in bytes.
std::size_t physical_memory();

/// Returns the value of an environment variable, or nullopt if it is not set or empty.
std::optional<std::string> environment_variable(const char* name);

/// Returns the arguments of main(), which are not UTF-8 on every system, without the name of the program.
std::vector<std::string> program_arguments(int argc, const char* const* argv);

/// Returns the path of the running program, or an empty path if the system does not tell.
std::filesystem::path program_file();

/// Returns the user's home folder, or an empty path if there is none: $HOME, on Windows %USERPROFILE%.
std::filesystem::path home_folder();

/// Returns the folders that all others are in: "/", on Windows one per drive.
std::vector<std::filesystem::path> root_folders();

/// Returns the folder for settings and automatically saved files, which may not exist yet, or an empty path without a
/// home folder: $XDG_STATE_HOME/convlens if that is set, else ~/.local/state/convlens, on Windows %APPDATA%\Convlens.
std::filesystem::path state_folder();

/// Returns the folder for files that can be made again: $XDG_CACHE_HOME/convlens if that is set, else
/// ~/.cache/convlens, on Windows %LOCALAPPDATA%\Convlens\cache. Like state_folder() in everything else.
std::filesystem::path cache_folder();

}  // namespace convlens
