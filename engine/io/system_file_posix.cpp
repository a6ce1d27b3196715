/// Implements system_file.h with POSIX system calls.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/io/system_file.h"

namespace convlens {
namespace {

int descriptor(std::intptr_t handle) { return static_cast<int>(handle); }

PathKind kind_from(const struct stat& status) {
    return S_ISREG(status.st_mode) ? PathKind::regular : S_ISDIR(status.st_mode) ? PathKind::folder : PathKind::other;
}

}  // namespace

SystemFile SystemFile::open(const std::filesystem::path& path) {
    return SystemFile(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
}

SystemFile SystemFile::create(const std::filesystem::path& path) {
    return SystemFile(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
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
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor(handle_), 0);
    if (address == MAP_FAILED) return nullptr;
    return {address, [address, size](const void*) { ::munmap(address, size); }};
}

PathKind path_kind(const std::filesystem::path& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? kind_from(status) : PathKind::missing;
}

bool replace_file(const std::filesystem::path& from, const std::filesystem::path& to) {
    return ::rename(from.c_str(), to.c_str()) == 0;
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
