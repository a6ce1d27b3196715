/// The functions of host.h on Linux, macOS, other POSIX systems and in browsers.
#include <signal.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fstream>

#include "engine/core/host.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

/// Returns the value of the environment variable `name` if it is an absolute path, otherwise an empty path.
fs::path folder_from(const char* name) {
    const char* value = std::getenv(name);
    return value && *value == '/' ? fs::path(value) : fs::path();
}

/// Returns the folder "convlens" in the folder that the environment variable `variable` names. If that is not set,
/// returns the folder "convlens" in the folder `below` of the home folder, or an empty path without a home folder.
fs::path folder_of_program(const char* variable, const char* below) {
    if (const fs::path named = folder_from(variable); !named.empty()) return named / "convlens";
    const fs::path home = home_folder();
    return home.empty() ? home : home / below / "convlens";
}

/// Returns the number that follows `name` in the first line of the file that begins with it, or nullopt if there is
/// none.
std::optional<std::size_t> number_after(std::string_view name, const char* path) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(name)) continue;
        std::string_view rest = std::string_view(line).substr(name.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        return parse_number<std::size_t>(cut(rest, ' '));
    }
    return std::nullopt;
}

}  // namespace

#ifdef __EMSCRIPTEN__
// In a browser, each tab is treated as a process. web/page.js sets CONVLENS_PROCESS to the id of this tab and
// CONVLENS_RUNNING to the ids of the open tabs, separated by commas.
long process_id() { return parse_number<long>(environment_variable("CONVLENS_PROCESS").value_or("1")).value_or(1); }

bool process_has_ended(long id) {
    const std::string running = environment_variable("CONVLENS_RUNNING").value_or("");
    for (std::string_view rest = running; !rest.empty();)
        if (parse_number<long>(cut(rest, ',')) == id) return false;
    return id != process_id();
}
#else
long process_id() { return ::getpid(); }

bool process_has_ended(long id) { return ::kill(static_cast<pid_t>(id), 0) != 0 && errno == ESRCH; }
#endif

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) != 0; }

std::size_t physical_memory() {
    return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t free_memory() {
    std::size_t free = physical_memory();
    if (const auto kilobytes = number_after("MemAvailable:", "/proc/meminfo")) free = *kilobytes * 1024;  // proc(5)
    // Of what a control group uses, the system can take back all but "anon", as files that it has read.
    const auto most = number_after("", "/sys/fs/cgroup/memory.max");
    const auto used = number_after("anon ", "/sys/fs/cgroup/memory.stat");
    if (most && used) free = std::min(free, *most - std::min(*most, *used));
    return free;
}

std::optional<std::string> environment_variable(const char* name) {
    const char* value = std::getenv(name);
    return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

std::vector<std::string> program_arguments(int argc, const char* const* argv) {
    return argc > 0 ? std::vector<std::string>(argv + 1, argv + argc) : std::vector<std::string>();
}

fs::path program_file() {
    std::error_code ignored;
#ifdef __APPLE__
    std::uint32_t size = 0;
    ::_NSGetExecutablePath(nullptr, &size);
    std::string path(size, '\0');
    if (::_NSGetExecutablePath(path.data(), &size) != 0) return {};
    return fs::canonical(path.c_str(), ignored);
#else
    return fs::read_symlink("/proc/self/exe", ignored);
#endif
}

fs::path home_folder() { return folder_from("HOME"); }

std::vector<fs::path> root_folders() { return {"/"}; }

fs::path state_folder() { return folder_of_program("XDG_STATE_HOME", ".local/state"); }

fs::path cache_folder() { return folder_of_program("XDG_CACHE_HOME", ".cache"); }

}  // namespace convlens
