/// Untrusted zip archives, read from memory with libzip; the container of .npz and .pth files.
#pragma once

#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/file.h"

namespace convlens {

/// Releases libzip's objects at the end of a scope.
struct ZipRelease {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using ZipHandle = std::unique_ptr<zip_t, ZipRelease>;

/// A zip_error_t that is released at the end of the scope.
class ZipError {
  public:
    ZipError() { zip_error_init(&error_); }
    ZipError(const ZipError&) = delete;
    ZipError& operator=(const ZipError&) = delete;
    ~ZipError() { zip_error_fini(&error_); }
    zip_error_t* get() { return &error_; }
    std::string text() { return zip_error_strerror(&error_); }

  private:
    zip_error_t error_{};
};

/// An entry of the archive's directory. `bytes` has been checked against the size of the archive.
struct ZipEntry {
    zip_uint64_t index = 0;
    std::string path;
    std::uint64_t bytes = 0;  ///< Unpacked size.
    bool stored = false;      ///< Whether the entry is not compressed.
};

/// Reads the unpacked bytes of one entry from front to back. `name` is used in messages.
class ZipStream {
  public:
    ZipStream(zip_file_t* file, std::string name) : file_(file), name_(std::move(name)) {}

    /// Fills `out`. Fails if the entry ends too early or is corrupt.
    Expected<void> read(std::span<std::byte> out);

    /// Seeks to byte `offset` of a stored entry. After a seek, the checksum is not verified.
    Expected<void> seek(std::uint64_t offset);

    /// Reads the rest of the entry, at most `most` bytes. Fails if more bytes are left, or if the checksum of the entry
    /// does not match the archive's directory.
    Expected<void> finish(std::uint64_t most);

  private:
    std::unique_ptr<zip_file_t, ZipRelease> file_;
    std::string name_;
};

/// An opened archive. It refers to the Bytes passed to open(), which must outlive it.
class ZipArchive {
  public:
    /// Reads the archive's directory. `name` is used in messages.
    static Expected<ZipArchive> open(const Bytes& bytes, std::string_view name);

    /// Returns the number of entries.
    std::uint64_t size() const;

    /// Returns entry `index`. Fails if the entry is neither stored nor deflated, or if it declares more bytes than its
    /// packed bytes or the archive can hold.
    Expected<ZipEntry> entry(std::uint64_t index) const;

    /// Returns the index of the entry with exactly this path; nullopt if there is none.
    std::optional<std::uint64_t> find(const std::string& path) const;

    /// Opens the bytes of an entry; `name` is used in messages.
    Expected<ZipStream> stream(const ZipEntry& entry, std::string name) const;

  private:
    ZipHandle archive_;
    std::string name_;
    std::uint64_t archive_bytes_ = 0;
};

/// A file for an archive: its path there and its bytes, which must outlive the call.
using ZipInput = std::pair<std::string, std::span<const std::byte>>;

/// Returns the bytes of an archive that holds `files` uncompressed. The same files always give the same bytes. `what`
/// names the archive in messages.
Expected<std::vector<std::byte>> encode_zip(const std::vector<ZipInput>& files, std::string_view what);

/// Returns true for a path like "a/b.zip/c/d.png" that continues after a regular file.
bool is_in_archive(const std::filesystem::path& path);

/// Reads the file at `path`, or, if is_in_archive(path), the entry of that zip archive. Fails with a message that names
/// the file if it is missing, not readable, damaged, or has more than `max_bytes`; the size is checked before memory is
/// allocated.
Expected<Bytes> read_part(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace convlens
