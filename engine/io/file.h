/// Whole files in and out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace convlens {

/// The bytes of a file, or of anything that stands for one. Shared, immutable.
class Bytes {
  public:
    Bytes() = default;

    /// Maps the file at `path` read-only, so that a large one costs no memory until it is read.
    /// Fails, naming the file, when it is missing, not a regular file, or not readable.
    static Expected<Bytes> map_file(const std::filesystem::path& path);

    /// Reads the file at `path` into memory, where nobody else can change it. Fails as map_file() does, and
    /// for a file of more than `max_bytes`, before anything is allocated for it.
    static Expected<Bytes> read_file(const std::filesystem::path& path, std::size_t max_bytes);

    /// A copy of `bytes`, for tests and fuzz targets.
    static Bytes copy_of(std::span<const std::byte> bytes);

    std::span<const std::byte> span() const { return view_; }

    /// Gives back the memory that a mapped file's bytes have come to take by being read. They stay valid: the
    /// system reads them again when they are needed. Does nothing for bytes that aren't mapped.
    void release_pages() const;

  private:
    std::shared_ptr<const void> owner_;
    std::span<const std::byte> view_;
    bool mapped_ = false;
};

/// Writes `bytes` to `path` whole or not at all: into a temporary file beside it, synced, then renamed.
/// Fails, naming the file, when the folder is missing or not writable or the disk is full; the temporary
/// file is removed then and an older file at `path` is untouched.
Expected<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// `path`, or with "-2", "-3", ... before its ending where that exists: for files that must not be written over.
std::string unused_path(const std::filesystem::path& path);

}  // namespace convlens
