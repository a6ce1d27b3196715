/// The system calls behind file.h. system_file_posix.cpp and system_file_windows.cpp implement them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace convlens {

/// What a path or an open file is.
enum class PathKind { missing, regular, folder, other };

/// An open file, closed at the end of its life. Bytes are read and written as they are: no text mode. What fails leaves
/// the reason in last_reason().
class SystemFile {
  public:
    SystemFile() = default;
    SystemFile(SystemFile&& other) noexcept : handle_(std::exchange(other.handle_, none)) {}
    SystemFile& operator=(SystemFile&&) = delete;
    ~SystemFile() { close(); }

    /// Opens `path` for reading. Opening a named pipe does not wait for a writer.
    static SystemFile open(const std::filesystem::path& path);
    /// Creates `path` for writing. Fails with exists() if there is such a file.
    static SystemFile create(const std::filesystem::path& path);

    explicit operator bool() const { return handle_ != none; }

    PathKind kind() const;
    /// Returns the size in bytes, or nullopt on failure.
    std::optional<std::uint64_t> size() const;
    /// Reads up to `to.size()` bytes; returns how many there were, 0 at the end, or nullopt on failure.
    std::optional<std::size_t> read(std::span<std::byte> to) const;
    bool write_all(std::span<const std::byte> bytes) const;
    /// Waits until the bytes are on the disk.
    bool sync() const;
    /// Returns false if the system reports a write error only on closing.
    bool close();
    /// Maps `size` bytes read-only; returns null on failure. The mapping outlives this object.
    std::shared_ptr<const void> map(std::size_t size) const;

  private:
    explicit SystemFile(std::intptr_t handle) : handle_(handle) {}
    static constexpr std::intptr_t none = -1;

    std::intptr_t handle_ = none;
};

/// Returns what is at `path`, or at the end of its links.
PathKind path_kind(const std::filesystem::path& path);

/// Renames `from` to `to`, which is replaced in one step: no other program sees it missing or half written.
bool replace_file(const std::filesystem::path& from, const std::filesystem::path& to);

void remove_file(const std::filesystem::path& path);

/// Tells the system that the pages of a mapping are not needed for now.
void release_pages_of(std::span<const std::byte> mapped);

/// Whether create() has just failed because the file exists.
bool exists_already();

/// Returns why the last call on this thread failed, in words of the system: "Permission denied".
std::string last_reason();

}  // namespace convlens
