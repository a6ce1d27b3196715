/// Reading of zip archives: every size is checked before anything is unpacked.
#include "engine/io/zip_archive.h"

#include <algorithm>
#include <array>

#include "engine/io/array_formats.h"

namespace convlens {
namespace {

constexpr std::uint64_t max_ratio = 1100;  // Deflate reaches 1032.

}  // namespace

Expected<void> ZipStream::read(std::span<std::byte> out) {
    while (!out.empty()) {
        const zip_int64_t got = zip_fread(file_.get(), out.data(), out.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name_, zip_file_strerror(file_.get()));
        if (got == 0) return fail("{}: ends {} bytes before its stated size", name_, out.size());
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
    // libzip compares the checksum when it reaches the end of the entry.
    std::array<std::byte, 4096> rest;
    for (std::uint64_t left = most;;) {
        const zip_int64_t got = zip_fread(file_.get(), rest.data(), rest.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name_, zip_file_strerror(file_.get()));
        if (got == 0) return {};
        if (static_cast<std::uint64_t>(got) > left) return fail("{}: goes on after its stated size", name_);
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
        if (zip_error_code_zip(error.get()) == ZIP_ER_NOZIP)
            return fail(
                "{}: the zip archive is cut short: its directory, which should be its end, is missing", name);
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
        return fail("{}: {}: expected a stored or deflated entry, found method {}", name_,
                    in_quotes(entry.path), stat.comp_method);
    if (stat.comp_size > archive_bytes_)
        return fail("{}: {}: {} packed bytes do not fit into the file of {} bytes", name_,
                    in_quotes(entry.path), stat.comp_size, archive_bytes_);
    if (entry.stored ? stat.size != stat.comp_size : stat.size / max_ratio > stat.comp_size)
        return fail("{}: {}: {} packed bytes can't hold the stated {} bytes", name_, in_quotes(entry.path),
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

}  // namespace convlens
