/// Sets the code page and the modes of a Windows console.
#include <windows.h>
// after windows.h
#include <fcntl.h>
#include <io.h>

#include <cstdio>
#include <filesystem>

#include "app/console.h"

namespace convlens {
namespace {

void allow_escape_sequences(DWORD which) {
    const HANDLE output = ::GetStdHandle(which);
    DWORD mode = 0;
    if (::GetConsoleMode(output, &mode)) ::SetConsoleMode(output, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

}  // namespace

Console::Console() {
    ::_setmode(::_fileno(stdout), _O_BINARY);
    ::_setmode(::_fileno(stderr), _O_BINARY);
    code_page_ = ::GetConsoleOutputCP();
    if (code_page_ == 0) return;
    ::SetConsoleOutputCP(CP_UTF8);
    allow_escape_sequences(STD_OUTPUT_HANDLE);
    allow_escape_sequences(STD_ERROR_HANDLE);
}

Console::~Console() {
    std::fflush(stdout);
    if (code_page_ != 0) ::SetConsoleOutputCP(code_page_);
}

void Console::leave() {
    DWORD processes[2];
    if (::GetConsoleProcessList(processes, 2) == 1 && ::FreeConsole()) code_page_ = 0;
}

void Console::report(const Error& error) const {
    const DWORD type = ::GetFileType(::GetStdHandle(STD_ERROR_HANDLE));
    if (code_page_ == 0 && type != FILE_TYPE_DISK && type != FILE_TYPE_PIPE) {
        const std::wstring text = std::filesystem::path(error.message).wstring();
        ::MessageBoxW(nullptr, text.c_str(), L"Convlens", MB_OK | MB_ICONERROR);
        return;
    }
    fmt::print(stderr, "convlens: {}\n", error.message);
}

}  // namespace convlens
