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

/// One file in a zip archive, as the archive's directory describes it. `bytes` has been checked against the size of the
/// archive.
struct ZipEntry {
    zip_uint64_t index = 0;   ///< Index in the archive, from 0.
    std::string path;         ///< Path inside the archive: "images/cat.png".
    std::uint64_t bytes = 0;  ///< Unpacked size.
    bool stored = false;      ///< Whether the entry is not compressed.
};

/// Reads the unpacked bytes of one entry from front to back. Must not outlive its ZipArchive.
class ZipStream {
  public:
    /// Takes ownership of `file`. `name` names the entry in messages.
    ZipStream(zip_file_t* file, std::string name) : file_(file), name_(std::move(name)) {}

    /// Reads the next out.size() bytes into `out`. Fails if the entry ends too early or is corrupt.
    Expected<void> read(std::span<std::byte> out);

    /// Continues at byte `offset` of an entry that is not compressed. After that, the checksum is not verified.
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

    /// Returns entry `index`. Fails if the entry is compressed in another way than with Deflate, or if it declares more
    /// bytes than its packed bytes or the archive can hold.
    Expected<ZipEntry> entry(std::uint64_t index) const;

    /// Returns the index of the entry with exactly this path; nullopt if there is none.
    std::optional<std::uint64_t> find(const std::string& path) const;

    /// Opens an entry for reading; `name` names it in messages.
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

/// Archives of more bytes are rejected before they are read.
inline constexpr std::size_t max_archive_bytes = std::size_t{2} << 30U;

/// Returns true if `archive` is a zip archive with the entry `path`. Reads only its directory.
bool archive_has(const std::filesystem::path& archive, const std::string& path);

/// Returns true if a folder on `path` is actually a regular file, as in "a/b.zip/c/d.png".
bool is_in_archive(const std::filesystem::path& path);

/// Reads the entry `path` of the archive `packed`, whose name in messages is `name`. Fails if there is none, and like
/// ZipArchive and ZipStream. Sizes are checked before memory is allocated.
Expected<Bytes> read_entry(const Bytes& packed, std::string_view name, const std::string& path, std::size_t max_bytes);

/// Reads the file at `path`, or, if is_in_archive(path), the entry of that zip archive. Fails with a message that names
/// the file if it is missing, not readable, damaged, or has more than `max_bytes`, or if the archive has more than 2
/// GiB. Sizes are checked before memory is allocated.
Expected<Bytes> read_part(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace convlens
