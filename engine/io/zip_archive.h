/// Zip archives that nobody vouches for, read from memory by libzip; the container of .npz and .pth files.
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

/// Releases libzip's things at the end of a scope.
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

/// What the archive's directory says of an entry, checked against the archive's size: `bytes` can really be
/// there.
struct ZipEntry {
    zip_uint64_t index = 0;
    std::string path;
    std::uint64_t bytes = 0;  ///< Unpacked.
    bool stored = false;      ///< As it is, not deflated.
};

/// The unpacked bytes of one entry, front to back. `name` is used in messages.
class ZipStream {
  public:
    ZipStream(zip_file_t* file, std::string name) : file_(file), name_(std::move(name)) {}

    /// Fills `out`; fails when the entry ends before or is corrupt.
    Expected<void> read(std::span<std::byte> out);

    /// Goes to byte `offset` of a stored entry. The checksum isn't compared then.
    Expected<void> seek(std::uint64_t offset);

    /// Reads what is left, at most `most` bytes; fails when there are more, or when the entry's checksum is
    /// not what the archive says.
    Expected<void> finish(std::uint64_t most);

  private:
    std::unique_ptr<zip_file_t, ZipRelease> file_;
    std::string name_;
};

/// An opened archive. It refers to the bytes that it was opened with, which must outlive it.
class ZipArchive {
  public:
    /// Reads the archive's directory. `name` is used in messages.
    static Expected<ZipArchive> open(const Bytes& bytes, std::string_view name);

    /// How many entries there are.
    std::uint64_t size() const;

    /// Entry `index`. Fails when it is packed in another way than stored or deflated, or announces more bytes
    /// than its packed bytes, or the archive, can hold.
    Expected<ZipEntry> entry(std::uint64_t index) const;

    /// The index of the entry with exactly this path.
    std::optional<std::uint64_t> find(const std::string& path) const;

    /// The bytes of an entry; `name` is used in messages.
    Expected<ZipStream> stream(const ZipEntry& entry, std::string name) const;

  private:
    ZipHandle archive_;
    std::string name_;
    std::uint64_t archive_bytes_ = 0;
};

/// A file to be put into an archive: its path there and its bytes, which must outlive the call.
using ZipInput = std::pair<std::string, std::span<const std::byte>>;

/// The bytes of an archive that holds `files` as they are, not packed. The same files give the same bytes, whenever and
/// wherever. `what` names the archive in messages.
Expected<std::vector<std::byte>> encode_zip(const std::vector<ZipInput>& files, std::string_view what);

/// True for a path like "a/b.zip/c/d.png" that goes on behind a regular file.
bool is_in_archive(const std::filesystem::path& path);

/// The file at `path`, or where is_in_archive() the entry of that zip archive. Fails, naming the file, when it is
/// missing, not readable, damaged, or has more than `max_bytes`, before anything is allocated for it.
Expected<Bytes> read_part(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace convlens
