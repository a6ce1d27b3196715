/// Reading and writing of whole files by system calls: mapping, reading, writing to a temporary file and renaming.
#include "engine/io/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

namespace convlens {
namespace {

/// An open file, closed at the end of the scope.
class OpenFile {
  public:
    explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
    OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    OpenFile& operator=(OpenFile&&) = delete;
    ~OpenFile() { close(); }

    int get() const { return descriptor_; }

    /// Returns false if the system reports a write error only on closing.
    bool close() { return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0; }

  private:
    int descriptor_;
};

std::string folder_of(const std::filesystem::path& path) {
    if (path.has_parent_path()) return path.parent_path().string();
    std::error_code ignored;
    return std::filesystem::current_path(ignored).string();
}

std::string system_reason(int error) { return std::generic_category().message(error); }

tl::unexpected<Error> cannot(const char* what, const std::filesystem::path& path, const std::string& reason) {
    return fail("{}: cannot be {} {}: {}", path.filename().string(), what, folder_of(path), reason);
}

/// A regular file opened for reading, and its size.
struct Source {
    OpenFile file;
    std::size_t size = 0;
};

Expected<Source> open_source(const std::filesystem::path& path) {
    // O_NONBLOCK: opening a named pipe without a writer must not block.
    OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    struct stat status {};
    if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return cannot("read from", path, system_reason(errno));
    if (S_ISDIR(status.st_mode)) return cannot("read from", path, "it is a folder");
    if (!S_ISREG(status.st_mode)) return cannot("read from", path, "it is not a regular file");
    return Source{std::move(file), static_cast<std::size_t>(status.st_size)};
}

bool write_all(int descriptor, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

/// Creates a new file in the folder of `path` and stores its path in `name`.
OpenFile create_beside(const std::filesystem::path& path, std::filesystem::path& name) {
    static std::atomic<unsigned> counter = 0;
    for (;;) {
        name = path.parent_path() / fmt::format(".convlens-{}-{}.tmp", ::getpid(), counter++);
        OpenFile file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (file.get() >= 0 || errno != EEXIST) return file;
    }
}

}  // namespace

Expected<Bytes> Bytes::map_file(const std::filesystem::path& path) {
    auto source = open_source(path);
    if (!source) return tl::unexpected(source.error());
    Bytes bytes;
    const std::size_t size = source->size;
    if (size == 0) return bytes;
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, source->file.get(), 0);
    if (address == MAP_FAILED) return cannot("read from", path, system_reason(errno));
    bytes.owner_ = std::shared_ptr<const void>(address, [address, size](const void*) { ::munmap(address, size); });
    bytes.view_ = {static_cast<const std::byte*>(address), size};
    bytes.mapped_ = true;
    return bytes;
}

void Bytes::release_pages() const {
    if (!mapped_) return;
    // Only a hint: without it, more memory stays in use. The mapping is never written to, so nothing is lost.
    ::madvise(const_cast<std::byte*>(view_.data()), view_.size(), MADV_DONTNEED);
}

Expected<Bytes> Bytes::read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    auto source = open_source(path);
    if (!source) return tl::unexpected(source.error());
    if (source->size > max_bytes)
        return cannot("read from", path, fmt::format("its {} bytes exceed the limit of {}", source->size, max_bytes));
    const std::shared_ptr<std::byte[]> data(new (std::nothrow) std::byte[source->size]);
    if (!data)
        return cannot("read from", path, fmt::format("there is not enough memory for its {} bytes", source->size));
    std::size_t filled = 0;
    while (filled < source->size) {
        const ssize_t got = ::read(source->file.get(), data.get() + filled, source->size - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot("read from", path, system_reason(errno));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    Bytes bytes;
    bytes.view_ = {data.get(), filled};
    bytes.owner_ = data;
    return bytes;
}

Bytes Bytes::copy_of(std::span<const std::byte> source) {
    auto data = std::make_shared<std::vector<std::byte>>(source.begin(), source.end());
    Bytes bytes;
    bytes.view_ = *data;
    bytes.owner_ = std::move(data);
    return bytes;
}

Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    struct stat status {};
    // Renaming onto a device or a pipe would replace it.
    if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
        return cannot("written to", path, S_ISDIR(status.st_mode) ? "it is a folder" : "it is not a regular file");
    std::filesystem::path temporary;
    OpenFile file = create_beside(path, temporary);
    if (file.get() < 0) return cannot("written to", path, system_reason(errno));
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close() ||
        ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int error = errno;
        ::unlink(temporary.c_str());
        return cannot("written to", path, system_reason(error));
    }
    return {};
}

std::string unused_path(const std::filesystem::path& path) {
    std::error_code ignored;
    std::filesystem::path base = path, next = path;
    base.replace_extension();
    for (int i = 2; std::filesystem::exists(next, ignored) && i < 10000; ++i)
        next = fmt::format("{}-{}{}", base.string(), i, path.extension().string());
    return next.string();
}

}  // namespace convlens
