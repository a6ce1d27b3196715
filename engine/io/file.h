/// Reading and writing of whole files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace convlens {

/// The bytes of a file, or bytes in memory that are used like a file. They never change; copies of this object share
/// them.
class Bytes {
  public:
    Bytes() = default;

    /// Maps the file at `path` read-only: each part of it is read from the disk when it is first used. Fails with a
    /// message that names the file if it is missing, not a regular file, or not readable. If another program shortens
    /// the file while it is mapped, the missing bytes are 0, and intact() returns false.
    static Expected<Bytes> map_file(const std::filesystem::path& path);

    /// Like map_file(), but fails if `path` itself is a symbolic link, or a file that has another name, too.
    static Expected<Bytes> map_own_file(const std::filesystem::path& path);

    /// Reads the file at `path` into memory, where no other program can change it. Fails like map_file(), and if the
    /// file has more than `max_bytes` or does not fit into memory. The size is checked before memory is allocated.
    static Expected<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

    /// Returns a copy of `bytes`, for tests and fuzz targets.
    static Bytes copy_of(std::span<const std::byte> bytes);

    /// Returns the bytes; they stay valid as long as a copy of this object exists.
    std::span<const std::byte> span() const { return view_; }

    /// Returns false if a mapped file has become shorter since it was mapped.
    bool intact() const;

    /// Releases the memory pages of a mapped file. The bytes stay valid: the system reads them from the file again when
    /// they are needed. Does nothing for bytes that are not mapped.
    void release_pages() const;

  private:
    static Expected<Bytes> map(const std::filesystem::path& path, bool links);

    std::shared_ptr<const void> owner_;
    std::span<const std::byte> view_;
    bool mapped_ = false;
};

/// What happens to a file that is in the way of a new one.
enum class Existing {
    replaced,
    kept,  ///< Then the new file is not written.
};

/// Writes `bytes` to `path` completely or not at all: writes a temporary file in the same folder, waits until it is on
/// the disk, then renames it to `path`. A file that is replaced passes its access rights on; a symbolic link stays, and
/// the file that it points to is replaced. Fails with a message that names the file if `path` is not a regular file, if
/// the folder is missing or not writable, or if the disk is full. Then the temporary file is removed and an existing
/// file at `path` is unchanged. Fails, too, if there is something at `path` at the end that is to be kept.
Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes,
                          Existing existing = Existing::replaced);

/// Returns `path` if nothing exists there, otherwise `path` with the first unused "-2", "-3", ... before its extension.
/// For files that must not be overwritten.
std::string unused_path(const std::filesystem::path& path);

/// Calls `save` with unused_path(path), and again if it fails because another program has created that file meanwhile:
/// `save` must write it with Existing::kept. Returns the path of the file.
Expected<std::string> save_unused(const std::filesystem::path& path,
                                  const std::function<Expected<void>(const std::string& path)>& save);

/// Writes `bytes` to the first unused name for `path`; see save_unused().
Expected<std::string> write_new_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

}  // namespace convlens
