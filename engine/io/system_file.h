/// The system calls that file.cpp uses. system_file_posix.cpp and system_file_windows.cpp implement them.
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

/// What a path or an open file refers to. `missing` also means that the system could not tell.
enum class PathKind { missing, regular, folder, other };

/// An open file; the destructor closes it. Bytes are read and written unchanged, as in C's binary mode. After a
/// function has failed, last_reason() returns the reason.
class SystemFile {
  public:
    SystemFile() = default;
    SystemFile(SystemFile&& other) noexcept : handle_(std::exchange(other.handle_, none)) {}
    SystemFile& operator=(SystemFile&&) = delete;
    ~SystemFile() { close(); }

    /// Opens `path` for reading; on failure, the result converts to false. Opening a named pipe does not wait for a
    /// writer.
    static SystemFile open(const std::filesystem::path& path);
    /// Like open(), but fails if `path` itself is a symbolic link, or a file that has another name, too (a hard link).
    static SystemFile open_own(const std::filesystem::path& path);
    /// Creates the file `path` for writing; on failure, the result converts to false. If the file exists already,
    /// exists_already() returns true afterwards.
    static SystemFile create(const std::filesystem::path& path);
    /// Gives the open file the access rights of the file at `path`, if there is one and the system has such rights.
    void copy_rights_of(const std::filesystem::path& path) const;

    /// Returns true if the file is open.
    explicit operator bool() const { return handle_ != none; }

    /// Returns what kind of file is open.
    PathKind kind() const;
    /// Returns the size in bytes, or nullopt on failure.
    std::optional<std::uint64_t> size() const;
    /// Reads up to `to.size()` bytes. Returns how many bytes it has read, 0 at the end of the file, or nullopt on
    /// failure.
    std::optional<std::size_t> read(std::span<std::byte> to) const;
    /// Writes all bytes; returns false on failure.
    bool write_all(std::span<const std::byte> bytes) const;
    /// Waits until the written bytes are on the disk; returns false on failure.
    bool sync() const;
    /// Closes the file if it is open. Returns false on failure: some systems report a write error only here.
    bool close();
    /// Maps the first `size` bytes of the file into memory, read-only; returns null on failure. The mapping outlives
    /// this object. If another program shortens the file, the missing bytes are 0 and was_shortened() returns true.
    /// Other changes of the file may be seen or not.
    std::shared_ptr<const void> map(std::size_t size) const;

  private:
    explicit SystemFile(std::intptr_t handle) : handle_(handle) {}
    static constexpr std::intptr_t none = -1;

    std::intptr_t handle_ = none;
};

/// Returns true if the file of the mapping `mapped`, a result of SystemFile::map(), has become shorter.
bool was_shortened(const void* mapped);

/// Returns what is at `path`; for a symbolic link, what is at the end of the chain of links.
PathKind path_kind(const std::filesystem::path& path);

/// Renames `from` to `to`, replacing an existing file in one step: no other program sees `to` missing or half written.
/// Returns false on failure. Waits until the new name is on the disk, where the system allows it.
bool replace_file(const std::filesystem::path& from, const std::filesystem::path& to);

/// Like replace_file(), but fails if there is something at `to`; exists_already() then returns true. On a file system
/// that can't do both in one step, another program may create `to` between the check and the renaming.
bool rename_to_new(const std::filesystem::path& from, const std::filesystem::path& to);

/// Deletes the file; ignores errors and does not change last_reason().
void remove_file(const std::filesystem::path& path);

/// Tells the system that the memory pages of a mapping are not needed for now. The system reads them again on access.
void release_pages_of(std::span<const std::byte> mapped);

/// Returns true if the last SystemFile::create() or rename_to_new() on this thread failed because the file exists.
bool exists_already();

/// Returns why the last system call on this thread failed, in the words of the system: "Permission denied".
std::string last_reason();

}  // namespace convlens
