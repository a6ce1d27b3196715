/// Implements system_file.h with POSIX system calls.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <system_error>

#include "engine/io/system_file.h"

namespace convlens {
namespace {

int descriptor(std::intptr_t handle) { return static_cast<int>(handle); }

PathKind kind_from(const struct stat& status) {
    return S_ISREG(status.st_mode) ? PathKind::regular : S_ISDIR(status.st_mode) ? PathKind::folder : PathKind::other;
}

/// Waits until the name of the file is on the disk.
void sync_folder_of(const std::filesystem::path& file) {
    const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    if (const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); opened >= 0) {
        ::fsync(opened);  // some file systems refuse it for folders
        ::close(opened);
    }
}

/// A file that map() has mapped.
struct Mapping {
    std::atomic<std::uintptr_t> begin = 0;  ///< Address; 0 if the entry is free, `reserved` while it is being filled.
    std::atomic<std::size_t> size = 0;
    std::atomic<bool> shortened = false;  ///< Whether pages were missing that the file had when it was mapped.
    std::atomic<int> file = -1;           ///< Descriptor of the file, to ask for its size.
};
constexpr std::uintptr_t reserved = 1;
std::array<Mapping, 256> mappings;

/// Handles an access to a page of a mapped file that another program has cut off: puts a page of zeros there. Ends the
/// program if the address belongs to no mapped file. Calls only functions that a signal handler may call.
void on_bus_error(int signal, siginfo_t* info, void* /*context*/) {
    const int kept = errno;
    const auto at = reinterpret_cast<std::uintptr_t>(info->si_addr);
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (Mapping& m : mappings) {
        const std::uintptr_t begin = m.begin.load();
        if (begin <= reserved || at < begin || at - begin >= m.size.load()) continue;
        if (::mmap(reinterpret_cast<void*>(at / page * page), page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                   -1, 0) == MAP_FAILED)
            break;
        m.shortened = true;
        errno = kept;
        return;
    }
    ::signal(signal, SIG_DFL);  // the access is repeated and ends the program
}

/// Installs on_bus_error() once.
void guard_mappings() {
    static const bool installed = [] {
        struct sigaction action {};
        action.sa_sigaction = on_bus_error;
        action.sa_flags = SA_SIGINFO | SA_RESTART;
        return ::sigaction(SIGBUS, &action, nullptr) == 0;
    }();
    static_cast<void>(installed);
}

/// Returns the entry of the mapping at `address`; null if there is none.
Mapping* mapping_at(const void* address) {
    const auto begin = reinterpret_cast<std::uintptr_t>(address);
    const auto found = std::ranges::find_if(mappings, [&](const Mapping& m) { return m.begin.load() == begin; });
    return found == mappings.end() || begin <= reserved ? nullptr : &*found;
}

}  // namespace

SystemFile SystemFile::open(const std::filesystem::path& path) {
    return SystemFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

SystemFile SystemFile::open_own(const std::filesystem::path& path) {
    SystemFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
    struct stat status {};
    if (file && ::fstat(descriptor(file.handle_), &status) == 0 && S_ISREG(status.st_mode) && status.st_nlink > 1) {
        file.close();
        errno = EMLINK;
    }
    return file;
}

SystemFile SystemFile::create(const std::filesystem::path& path) {
    return SystemFile(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
}

void SystemFile::copy_rights_of(const std::filesystem::path& path) const {
    struct stat status {};
    if (::stat(path.c_str(), &status) == 0) static_cast<void>(::fchmod(descriptor(handle_), status.st_mode & 07777));
}

PathKind SystemFile::kind() const {
    struct stat status {};
    return ::fstat(descriptor(handle_), &status) == 0 ? kind_from(status) : PathKind::missing;
}

std::optional<std::uint64_t> SystemFile::size() const {
    struct stat status {};
    if (::fstat(descriptor(handle_), &status) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(status.st_size);
}

std::optional<std::size_t> SystemFile::read(std::span<std::byte> to) const {
    for (;;) {
        const ssize_t got = ::read(descriptor(handle_), to.data(), to.size());
        if (got >= 0) return static_cast<std::size_t>(got);
        if (errno != EINTR) return std::nullopt;
    }
}

bool SystemFile::write_all(std::span<const std::byte> bytes) const {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor(handle_), bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

bool SystemFile::sync() const { return ::fsync(descriptor(handle_)) == 0; }

bool SystemFile::close() { return handle_ == none || ::close(descriptor(std::exchange(handle_, none))) == 0; }

std::shared_ptr<const void> SystemFile::map(std::size_t size) const {
    guard_mappings();
    const auto entry = std::ranges::find_if(mappings, [](Mapping& m) {
        std::uintptr_t unused = 0;
        return m.begin.compare_exchange_strong(unused, reserved);
    });
    if (entry == mappings.end()) return errno = ENFILE, nullptr;
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor(handle_), 0);
    if (address == MAP_FAILED) return entry->begin = 0, nullptr;
    entry->size = size;
    entry->shortened = false;
    entry->file = ::fcntl(descriptor(handle_), F_DUPFD_CLOEXEC, 0);
    entry->begin = reinterpret_cast<std::uintptr_t>(address);
    return {address, [entry, address, size](const void*) {
                entry->begin = reserved;  // another thread may get the same address at once
                ::munmap(address, size);
                if (const int file = entry->file.exchange(-1); file >= 0) ::close(file);
                entry->begin = 0;
            }};
}

bool was_shortened(const void* mapped) {
    const Mapping* mapping = mapping_at(mapped);
    if (!mapping) return false;
    struct stat status {};
    return mapping->shortened || (mapping->file >= 0 && ::fstat(mapping->file, &status) == 0 &&
                                  static_cast<std::size_t>(status.st_size) < mapping->size);
}

PathKind path_kind(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? kind_from(status) : PathKind::missing;
}

bool replace_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0) return false;
    sync_folder_of(to);
    return true;
}

bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to) {
#ifdef RENAME_NOREPLACE
    if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0)
        return sync_folder_of(to), true;
    if (errno == EEXIST) return false;
#endif
    if (::link(from.c_str(), to.c_str()) == 0) {
        ::unlink(from.c_str());
        return sync_folder_of(to), true;
    }
    if (errno == EEXIST) return false;
    struct stat status {};
    if (::lstat(to.c_str(), &status) == 0) return errno = EEXIST, false;
    return replace_file(from, to);
}

void remove_file(const std::filesystem::path& path) {
    const int kept = errno;  // the reason of an earlier failure, for last_reason()
    ::unlink(path.c_str());
    errno = kept;
}

void release_pages_of(std::span<const std::byte> mapped) {
    // MADV_DONTNEED drops the pages. The mapping is never written to, so nothing is lost.
    ::madvise(const_cast<std::byte*>(mapped.data()), mapped.size(), MADV_DONTNEED);
}

bool exists_already() { return errno == EEXIST; }

std::string last_reason() { return std::generic_category().message(errno); }

}  // namespace convlens
