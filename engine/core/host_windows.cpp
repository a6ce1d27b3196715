/// The functions of host.h on Windows.
#include <windows.h>
// shellapi.h must come after windows.h.
#include <shellapi.h>

#include "engine/core/host.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

std::string utf8(const wchar_t* text, int length) {
    const int size = ::WideCharToMultiByte(CP_UTF8, 0, text, length, nullptr, 0, nullptr, nullptr);
    std::string converted(static_cast<std::size_t>(size), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text, length, converted.data(), size, nullptr, nullptr);
    return converted;
}

/// Returns the value of the environment variable `name` if it is an absolute path, otherwise an empty path.
fs::path folder_from(const char* name) {
    const auto value = environment_variable(name);
    fs::path folder = value ? fs::path(*value) : fs::path();
    return folder.is_absolute() ? folder : fs::path();
}

/// Returns the folder "convlens" in the folder that the environment variable `chosen` names. If that is not set,
/// returns the folder "Convlens" in the folder that `usual` names, or an empty path if that is not set either.
fs::path folder_of_program(const char* chosen, const char* usual) {
    if (const fs::path named = folder_from(chosen); !named.empty()) return named / "convlens";
    const fs::path folder = folder_from(usual);
    return folder.empty() ? folder : folder / "Convlens";
}

}  // namespace

long process_id() { return static_cast<long>(::GetCurrentProcessId()); }

bool process_has_ended(long id) {
    const HANDLE process = ::OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(id));
    if (!process) return ::GetLastError() == ERROR_INVALID_PARAMETER;  // there is no such process
    const bool ended = ::WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    ::CloseHandle(process);
    return ended;
}

bool stderr_is_terminal() {
    DWORD mode = 0;
    return ::GetConsoleMode(::GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

namespace {

MEMORYSTATUSEX memory_status() {
    MEMORYSTATUSEX status{};
    status.dwLength = sizeof status;
    ::GlobalMemoryStatusEx(&status);  // on failure, the members stay 0
    return status;
}

}  // namespace

std::size_t physical_memory() { return static_cast<std::size_t>(memory_status().ullTotalPhys); }

std::size_t free_memory() { return static_cast<std::size_t>(memory_status().ullAvailPhys); }

std::optional<std::string> environment_variable(const char* name) {
    const std::wstring wide(name, name + std::char_traits<char>::length(name));  // names are ASCII
    std::wstring value;
    for (DWORD size = 256; size > value.size();) {  // another thread may change the variable
        value.resize(size);
        size = ::GetEnvironmentVariableW(wide.c_str(), value.data(), static_cast<DWORD>(value.size()));
        if (size == 0) return std::nullopt;
        if (size < value.size()) return utf8(value.data(), static_cast<int>(size));
    }
    return std::nullopt;
}

std::vector<std::string> program_arguments(int /*argc*/, const char* const* /*argv*/) {
    std::vector<std::string> arguments;
    int count = 0;
    wchar_t** wide = ::CommandLineToArgvW(::GetCommandLineW(), &count);
    for (int i = 1; wide && i < count; ++i) arguments.push_back(utf8(wide[i], static_cast<int>(::lstrlenW(wide[i]))));
    ::LocalFree(wide);
    return arguments;
}

fs::path program_file() {
    std::wstring path(32768, L'\0');
    const DWORD length = ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    path.resize(length);
    return path;
}

fs::path home_folder() { return folder_from("USERPROFILE"); }

std::vector<fs::path> root_folders() {
    std::vector<fs::path> roots;
    const DWORD drives = ::GetLogicalDrives();
    for (int i = 0; i < 26; ++i)
        if ((drives >> i & 1U) != 0) roots.emplace_back(std::string{static_cast<char>('A' + i), ':', '\\'});
    return roots;
}

fs::path state_folder() { return folder_of_program("XDG_STATE_HOME", "APPDATA"); }

fs::path cache_folder() {
    const fs::path folder = folder_of_program("XDG_CACHE_HOME", "LOCALAPPDATA");
    return folder.empty() ? folder : folder / "cache";
}

}  // namespace convlens
