/// Questions to the operating system about processes, memory, environment variables, folders and the terminal. All
/// strings are UTF-8. host_posix.cpp and host_windows.cpp implement these functions.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace convlens {

/// Returns the id of this process. In a browser, each tab has its own id.
long process_id();

/// Returns true if there is no process with the id `id`, and false if there is one, also if it belongs to another user.
bool process_has_ended(long id);

/// Returns true if stderr is a terminal rather than a file or a pipe. Only then is a progress bar useful.
bool stderr_is_terminal();

/// Returns the size of the machine's physical memory in bytes.
std::size_t physical_memory();

/// Returns how many bytes this process can still allocate before the machine, or on Linux the control group of the
/// process, runs out of memory. Returns the physical memory where the system can't tell.
std::size_t free_memory();

/// Returns the value of the environment variable `name`, or nullopt if it is not set or empty.
std::optional<std::string> environment_variable(const char* name);

/// Returns the command-line arguments in UTF-8, without the name of the program. `argc` and `argv` are the arguments of
/// main(). Windows ignores them, because they are not UTF-8 there, and takes the arguments from GetCommandLineW().
std::vector<std::string> program_arguments(int argc, const char* const* argv);

/// Returns the path of the running program's file, or an empty path if it can't be found.
std::filesystem::path program_file();

/// Returns the user's home folder: the value of $HOME, or on Windows of %USERPROFILE%. Returns an empty path if that is
/// not set or not an absolute path.
std::filesystem::path home_folder();

/// Returns the top-level folders of the file system: "/", or on Windows one for each drive.
std::vector<std::filesystem::path> root_folders();

/// Returns the folder for settings and automatically saved files: $XDG_STATE_HOME/convlens if that variable is set,
/// else ~/.local/state/convlens, or on Windows %APPDATA%\Convlens. The folder may not exist yet. Returns an empty path
/// if none of these variables, including $HOME, is an absolute path.
std::filesystem::path state_folder();

/// Returns the folder for files that can be recreated, such as compiled shaders: $XDG_CACHE_HOME/convlens if that
/// variable is set, else ~/.cache/convlens. On Windows: %XDG_CACHE_HOME%\convlens\cache if that variable is set, else
/// %LOCALAPPDATA%\Convlens\cache. The rest is as for state_folder().
std::filesystem::path cache_folder();

}  // namespace convlens
