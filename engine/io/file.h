/// Reading and writing of whole files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace convlens {

/// The bytes of a file, or of anything that stands for one. Shared and immutable.
class Bytes {
  public:
    Bytes() = default;

    /// Maps the file at `path` read-only, so that a large file uses no memory until it is read. Fails, naming the file,
    /// if it is missing, not a regular file, or not readable.
    static Expected<Bytes> map_file(const std::filesystem::path& path);

    /// Reads the file at `path` into memory, where no other program can change it. Fails as map_file() does, and for a
    /// file of more than `max_bytes` before anything is allocated for it.
    static Expected<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

    /// Returns a copy of `bytes`, for tests and fuzz targets.
    static Bytes copy_of(std::span<const std::byte> bytes);

    std::span<const std::byte> span() const { return view_; }

    /// Releases the memory that reading a mapped file's bytes has taken. The bytes stay valid: the system reads them
    /// again when they are needed. Does nothing for bytes that are not mapped.
    void release_pages() const;

  private:
    std::shared_ptr<const void> owner_;
    std::span<const std::byte> view_;
    bool mapped_ = false;
};

/// Writes `bytes` to `path` completely or not at all: writes a temporary file in the same folder, syncs it, then
/// renames it. Fails, naming the file, if the folder is missing or not writable or the disk is full; then the temporary
/// file is removed and an existing file at `path` is unchanged.
Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Returns `path`, or, if it exists, `path` with "-2", "-3", ... before its extension: for files that must not be
/// overwritten.
std::string unused_path(const std::filesystem::path& path);

}  // namespace convlens
