/// Zip archives: every size is checked before anything is unpacked.
#include "engine/io/zip_archive.h"

#include <algorithm>
#include <array>

#include "engine/io/array_formats.h"

namespace convlens {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_ratio = 1100;  // Deflate makes data at most 1032 times smaller.

}  // namespace

Expected<void> ZipStream::read(std::span<std::byte> out) {
    while (!out.empty()) {
        const zip_int64_t got = zip_fread(file_.get(), out.data(), out.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name_, zip_file_strerror(file_.get()));
        if (got == 0) return fail("{}: ends {} bytes before its declared size", name_, out.size());
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

Expected<void> ZipStream::seek(std::uint64_t offset) {
    if (zip_fseek(file_.get(), static_cast<zip_int64_t>(offset), SEEK_SET) != 0)
        return fail("{}: can't be read from byte {} on: {}", name_, offset, zip_file_strerror(file_.get()));
    return {};
}

Expected<void> ZipStream::finish(std::uint64_t most) {
    // libzip verifies the checksum when it reaches the end of the entry.
    std::array<std::byte, 4096> rest;
    for (std::uint64_t left = most;;) {
        const zip_int64_t got = zip_fread(file_.get(), rest.data(), rest.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name_, zip_file_strerror(file_.get()));
        if (got == 0) return {};
        if (static_cast<std::uint64_t>(got) > left) return fail("{}: continues after its declared size", name_);
        left -= static_cast<std::uint64_t>(got);
    }
}

Expected<ZipArchive> ZipArchive::open(const Bytes& bytes, std::string_view name) {
    ZipError error;
    zip_source_t* source = zip_source_buffer_create(bytes.span().data(), bytes.span().size(), 0, error.get());
    if (source == nullptr) return fail("{}: the zip archive can't be read: {}", name, error.text());
    ZipArchive archive;
    archive.archive_.reset(zip_open_from_source(source, ZIP_RDONLY, error.get()));
    if (!archive.archive_) {
        zip_source_free(source);
        constexpr int truncated = 35;  // ZIP_ER_TRUNCATED_ZIP, which libzip has since 1.11
        if (const int code = zip_error_code_zip(error.get()); code == ZIP_ER_NOZIP || code == truncated)
            return fail("{}: the zip archive is cut short: its directory, which should be at its end, is missing",
                        name);
        return fail("{}: the zip archive is damaged: {}", name, error.text());
    }
    archive.name_ = name;
    archive.archive_bytes_ = bytes.span().size();
    return archive;
}

std::uint64_t ZipArchive::size() const {
    return static_cast<std::uint64_t>(std::max<zip_int64_t>(zip_get_num_entries(archive_.get(), 0), 0));
}

Expected<ZipEntry> ZipArchive::entry(std::uint64_t index) const {
    zip_stat_t stat;
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(archive_.get(), index, 0, &stat) != 0 || (stat.valid & needed) != needed)
        return fail("{}: the zip archive's entry {} has no name or size", name_, index);
    const ZipEntry entry{index, stat.name, stat.size, stat.comp_method == ZIP_CM_STORE};
    if (!entry.stored && stat.comp_method != ZIP_CM_DEFLATE)
        return fail("{}: {}: expected a stored or deflated entry, found method {}", name_, in_quotes(entry.path),
                    stat.comp_method);
    if (stat.comp_size > archive_bytes_)
        return fail("{}: {}: {} packed bytes do not fit into the file of {} bytes", name_, in_quotes(entry.path),
                    stat.comp_size, archive_bytes_);
    if (entry.stored ? stat.size != stat.comp_size : stat.size / max_ratio > stat.comp_size)
        return fail("{}: {}: {} packed bytes can't hold the declared {} bytes", name_, in_quotes(entry.path),
                    stat.comp_size, stat.size);
    return entry;
}

std::optional<std::uint64_t> ZipArchive::find(const std::string& path) const {
    const zip_int64_t index = zip_name_locate(archive_.get(), path.c_str(), 0);
    if (index < 0) return std::nullopt;
    return static_cast<std::uint64_t>(index);
}

Expected<ZipStream> ZipArchive::stream(const ZipEntry& entry, std::string name) const {
    zip_file_t* file = zip_fopen_index(archive_.get(), entry.index, 0);
    if (file == nullptr) return fail("{}: can't be unpacked: {}", name, zip_strerror(archive_.get()));
    return ZipStream(file, std::move(name));
}

Expected<std::vector<std::byte>> encode_zip(const std::vector<ZipInput>& files, std::string_view what) {
    ZipError error;
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, error.get());
    if (target == nullptr) return fail("{} can't be made: {}", what, error.text());
    zip_source_keep(target);  // It must outlive the archive, which is closed first.
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> keep(target, zip_source_free);
    ZipHandle archive(zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, error.get()));
    if (!archive) {
        zip_source_free(target);
        return fail("{} can't be made: {}", what, error.text());
    }
    for (const auto& [path, bytes] : files) {
        zip_source_t* source = zip_source_buffer(archive.get(), bytes.data(), bytes.size(), 0);
        const zip_int64_t index = zip_file_add(archive.get(), path.c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0) {
            zip_source_free(source);
            return fail("{} can't be put into {}: {}", in_quotes(path), what, zip_strerror(archive.get()));
        }
        // 1980-01-01 00:00, the earliest date of zip: the same files give the same bytes at any time on any machine.
        constexpr zip_uint16_t first_day = (1U << 5U) | 1U;
        if (zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) != 0 ||
            zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(index), 0, first_day, 0) != 0)
            return fail("{} can't be put into {}: {}", in_quotes(path), what, zip_strerror(archive.get()));
    }
    if (zip_close(archive.get()) != 0) return fail("{} can't be made: {}", what, zip_strerror(archive.get()));
    archive.release();
    zip_stat_t stat;
    if (zip_source_stat(target, &stat) != 0 || zip_source_open(target) != 0)
        return fail("{} can't be made: {}", what, zip_error_strerror(zip_source_error(target)));
    std::vector<std::byte> bytes(static_cast<std::size_t>(stat.size));
    const zip_int64_t got = zip_source_read(target, bytes.data(), bytes.size());
    zip_source_close(target);
    if (got != static_cast<zip_int64_t>(bytes.size())) return fail("{} can't be made: it is cut short", what);
    return bytes;
}

namespace {

/// Returns the regular file that is an ancestor of `path`; empty if there is none.
fs::path archive_of(const fs::path& path) {
    std::error_code ignored;
    for (fs::path at = path.parent_path(); at.has_relative_path(); at = at.parent_path())
        if (fs::exists(at, ignored)) return fs::is_regular_file(at, ignored) ? at : fs::path();
    return {};
}

}  // namespace

bool archive_has(const fs::path& archive, const std::string& path) {
    const auto bytes = Bytes::map_file(archive);
    const auto opened = bytes ? ZipArchive::open(*bytes, archive.filename().string()) : tl::unexpected(bytes.error());
    return opened && opened->find(path);
}

bool is_in_archive(const fs::path& path) { return !archive_of(path).empty(); }

Expected<Bytes> read_entry(const Bytes& packed, std::string_view name, const std::string& path, std::size_t max_bytes) {
    const auto archive = ZipArchive::open(packed, name);
    if (!archive) return tl::unexpected(archive.error());
    const auto index = archive->find(path);
    if (!index) return fail("{}: the archive has no entry {}", name, in_quotes(path));
    const auto entry = archive->entry(*index);
    if (!entry) return tl::unexpected(entry.error());
    if (entry->bytes > max_bytes)
        return fail("{}: {}: its {} bytes exceed the limit of {}", name, in_quotes(path), entry->bytes, max_bytes);
    auto stream = archive->stream(*entry, fmt::format("{}: {}", name, in_quotes(path)));
    if (!stream) return tl::unexpected(stream.error());
    std::vector<std::byte> bytes(static_cast<std::size_t>(entry->bytes));
    if (auto done = stream->read(bytes); !done) return tl::unexpected(done.error());
    if (auto done = stream->finish(0); !done) return tl::unexpected(done.error());
    return Bytes::copy_of(bytes);
}

Expected<Bytes> read_part(const fs::path& path, std::size_t max_bytes) {
    const fs::path file = archive_of(path);
    if (file.empty()) return Bytes::read_file(path, max_bytes);
    const auto packed = Bytes::read_file(file, max_archive_bytes);
    if (!packed) return tl::unexpected(packed.error());
    return read_entry(*packed, file.filename().string(), path.lexically_relative(file).generic_string(), max_bytes);
}

}  // namespace convlens
