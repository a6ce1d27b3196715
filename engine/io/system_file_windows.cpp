/// Implements system_file.h with the Windows API.
#include <windows.h>

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "engine/io/system_file.h"

namespace convlens {
namespace {

HANDLE handle_of(std::intptr_t handle) { return reinterpret_cast<HANDLE>(handle); }

/// Opens a file. Other programs may read, write, rename and delete it while it is open, as on other systems.
std::intptr_t open_with(const std::filesystem::path& path, DWORD access, DWORD disposition, DWORD more_flags = 0) {
    constexpr DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    // FILE_FLAG_BACKUP_SEMANTICS opens folders too, so that a message can say "it is a folder".
    const DWORD flags =
        FILE_ATTRIBUTE_NORMAL | more_flags | (disposition == OPEN_EXISTING ? FILE_FLAG_BACKUP_SEMANTICS : 0U);
    return reinterpret_cast<std::intptr_t>(
        ::CreateFileW(path.c_str(), access, share, nullptr, disposition, flags, nullptr));
}

PathKind kind_from(HANDLE file) {
    BY_HANDLE_FILE_INFORMATION information{};
    if (::GetFileType(file) != FILE_TYPE_DISK) return PathKind::other;
    if (!::GetFileInformationByHandle(file, &information)) return PathKind::missing;
    return (information.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? PathKind::folder : PathKind::regular;
}

/// Renames `from` to `to`, also if `to` is open or mapped, as POSIX does. Windows can do this on NTFS since Windows 10
/// version 1607.
bool replace_like_posix(const std::filesystem::path& from, const std::filesystem::path& to) {
    constexpr DWORD replace_if_exists = 1, posix_semantics = 2;
    constexpr auto rename_info_ex = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);
    std::error_code error;
    const std::wstring target = std::filesystem::absolute(to, error).wstring();
    if (error) return false;
    const std::size_t bytes = target.size() * sizeof(wchar_t);
    std::vector<std::byte> memory(sizeof(FILE_RENAME_INFO) + bytes);
    auto* info = reinterpret_cast<FILE_RENAME_INFO*>(memory.data());
    const DWORD flags = replace_if_exists | posix_semantics;  // at the position of the member ReplaceIfExists
    std::copy_n(reinterpret_cast<const std::byte*>(&flags), sizeof flags, memory.data());
    info->FileNameLength = static_cast<DWORD>(bytes);
    std::copy_n(target.data(), target.size(), static_cast<wchar_t*>(info->FileName));
    const HANDLE file = ::CreateFileW(from.c_str(), DELETE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                      nullptr, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) return false;
    const bool renamed =
        ::SetFileInformationByHandle(file, rename_info_ex, info, static_cast<DWORD>(memory.size())) != 0;
    ::CloseHandle(file);
    return renamed;
}

}  // namespace

SystemFile SystemFile::open(const std::filesystem::path& path) {
    return SystemFile(open_with(path, GENERIC_READ, OPEN_EXISTING));
}

SystemFile SystemFile::open_own(const std::filesystem::path& path) {
    SystemFile file(open_with(path, GENERIC_READ, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT));
    BY_HANDLE_FILE_INFORMATION information{};
    if (file && ::GetFileInformationByHandle(handle_of(file.handle_), &information) &&
        ((information.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 || information.nNumberOfLinks > 1)) {
        file.close();
        ::SetLastError(ERROR_TOO_MANY_LINKS);
    }
    return file;
}

SystemFile SystemFile::create(const std::filesystem::path& path) {
    return SystemFile(open_with(path, GENERIC_WRITE, CREATE_NEW));
}

void SystemFile::copy_rights_of(const std::filesystem::path& /*path*/) const {}

PathKind SystemFile::kind() const { return kind_from(handle_of(handle_)); }

std::optional<std::uint64_t> SystemFile::size() const {
    LARGE_INTEGER size{};
    if (!::GetFileSizeEx(handle_of(handle_), &size)) return std::nullopt;
    return static_cast<std::uint64_t>(size.QuadPart);
}

std::optional<std::size_t> SystemFile::read(std::span<std::byte> to) const {
    constexpr std::size_t most = std::size_t{1} << 30U;
    DWORD got = 0;
    if (!::ReadFile(handle_of(handle_), to.data(), static_cast<DWORD>(std::min(to.size(), most)), &got, nullptr))
        return std::nullopt;
    return got;
}

bool SystemFile::write_all(std::span<const std::byte> bytes) const {
    constexpr std::size_t most = std::size_t{1} << 30U;
    while (!bytes.empty()) {
        DWORD written = 0;
        if (!::WriteFile(handle_of(handle_), bytes.data(), static_cast<DWORD>(std::min(bytes.size(), most)), &written,
                         nullptr))
            return false;
        bytes = bytes.subspan(written);
    }
    return true;
}

bool SystemFile::sync() const { return ::FlushFileBuffers(handle_of(handle_)) != 0; }

bool SystemFile::close() { return handle_ == none || ::CloseHandle(handle_of(std::exchange(handle_, none))) != 0; }

std::shared_ptr<const void> SystemFile::map(std::size_t size) const {
    const HANDLE mapping = ::CreateFileMappingW(handle_of(handle_), nullptr, PAGE_READONLY, 0, 0, nullptr);
    if (!mapping) return nullptr;
    const void* address = ::MapViewOfFile(mapping, FILE_MAP_READ, 0, 0, size);
    const DWORD error = ::GetLastError();
    ::CloseHandle(mapping);  // the view keeps the mapping alive
    ::SetLastError(error);
    if (!address) return nullptr;
    return {address, [](const void* view) { ::UnmapViewOfFile(view); }};
}

bool was_shortened(const void* /*mapped*/) { return false; }  // Windows does not let a mapped file be shortened

PathKind path_kind(const std::filesystem::path& path) {
    const HANDLE file =
        ::CreateFileW(path.c_str(), FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr);
    if (file == INVALID_HANDLE_VALUE) return PathKind::missing;
    const PathKind kind = kind_from(file);
    ::CloseHandle(file);
    return kind;
}

/// Calls `move` until it succeeds, at most ten times: a virus scanner or an indexer may have a file open for a moment.
template <class Move>
bool retried(Move move) {
    for (int attempt = 0; attempt < 10; ++attempt) {
        if (move()) return true;
        const DWORD error = ::GetLastError();
        if (error != ERROR_SHARING_VIOLATION && error != ERROR_ACCESS_DENIED) return false;
        if (attempt < 9) ::Sleep(20);
        ::SetLastError(error);
    }
    return false;
}

bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
    return retried([&] { return ::MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_WRITE_THROUGH) != 0; });
}

bool replace_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    return retried([&] {
        return replace_like_posix(from, to) ||
               ::MoveFileExW(from.c_str(), to.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) != 0;
    });
}

void remove_file(const std::filesystem::path& path) {
    const DWORD kept = ::GetLastError();  // the reason of an earlier failure, for last_reason()
    ::DeleteFileW(path.c_str());
    ::SetLastError(kept);
}

void release_pages_of(std::span<const std::byte> mapped) {
    // Unlocking pages that are not locked takes them out of the working set: a documented side effect.
    ::VirtualUnlock(const_cast<std::byte*>(mapped.data()), mapped.size());
}

bool exists_already() {
    const DWORD error = ::GetLastError();
    return error == ERROR_FILE_EXISTS || error == ERROR_ALREADY_EXISTS;
}

std::string last_reason() {
    switch (::GetLastError()) {  // in English, in the words of POSIX systems, whatever the language of Windows
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_NAME:
        case ERROR_BAD_PATHNAME: return "No such file or directory";
        case ERROR_ACCESS_DENIED:
        case ERROR_WRITE_PROTECT: return "Permission denied";
        case ERROR_SHARING_VIOLATION:
        case ERROR_LOCK_VIOLATION:
        case ERROR_USER_MAPPED_FILE: return "Another program uses it";
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL: return "No space left on device";
        default: break;
    }
    const auto code = static_cast<int>(::GetLastError());
    wchar_t text[512];
    DWORD length = ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr,
                                    static_cast<DWORD>(code), 0, text, 512, nullptr);
    while (length > 0 && (text[length - 1] <= L' ' || text[length - 1] == L'.')) --length;
    return length > 0 ? std::filesystem::path(text, text + length).string() : "error " + std::to_string(code);
}

}  // namespace convlens
