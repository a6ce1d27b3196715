/// NumPy's .npz format: a zip archive of .npy files, read and written by libzip.
#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"

namespace convlens {
namespace {

constexpr std::uint64_t max_total_bytes = std::uint64_t{4} << 30U;
constexpr std::uint64_t max_ratio = 1100;  // Deflate reaches 1032.

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, Discard>;
using EntryStream = std::unique_ptr<zip_file_t, Discard>;

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

Expected<Archive> open_archive(const Bytes& bytes, std::string_view name) {
    ZipError error;
    zip_source_t* source = zip_source_buffer_create(bytes.span().data(), bytes.span().size(), 0, error.get());
    if (source == nullptr) return fail("{}: the zip archive can't be read: {}", name, error.text());
    Archive archive(zip_open_from_source(source, ZIP_RDONLY, error.get()));
    if (!archive) {
        zip_source_free(source);
        return fail("{}: the zip archive is damaged: {}", name, error.text());
    }
    return archive;
}

/// What the archive's directory says of an entry.
struct Entry {
    zip_uint64_t index = 0;
    std::string key;
    std::uint64_t bytes = 0;
};

Expected<EntryStream> open_entry(zip_t* archive, zip_uint64_t index, std::string_view name) {
    EntryStream stream(zip_fopen_index(archive, index, 0));
    if (!stream) return fail("{}: can't be unpacked: {}", name, zip_strerror(archive));
    return stream;
}

/// Reads until `out` is full; fails when the entry ends before or is corrupt.
Expected<void> read_exactly(zip_file_t* stream, std::span<std::byte> out, std::string_view name) {
    while (!out.empty()) {
        const zip_int64_t got = zip_fread(stream, out.data(), out.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name, zip_file_strerror(stream));
        if (got == 0) return fail("{}: ends {} bytes before its stated size", name, out.size());
        out = out.subspan(static_cast<std::size_t>(got));
    }
    return {};
}

/// Reads the header from the begin of `stream`: not more than that is unpacked.
Expected<NpyHeader> read_header(zip_file_t* stream, const Entry& entry, std::string_view name) {
    std::vector<std::byte> head(
        std::min<std::size_t>(npy_preamble_bytes, static_cast<std::size_t>(entry.bytes)));
    if (auto done = read_exactly(stream, head, name); !done) return tl::unexpected(done.error());
    const auto begin = npy_data_begin(head, name);
    if (!begin) return tl::unexpected(begin.error());
    if (*begin > entry.bytes) return fail("{}: the file ends within the .npy header", name);
    if (*begin < head.size()) return fail("{}: the .npy header is too short", name);
    const std::size_t have = head.size();
    head.resize(static_cast<std::size_t>(*begin));
    if (auto done = read_exactly(stream, std::span(head).subspan(have), name); !done) {
        return tl::unexpected(done.error());
    }
    return parse_npy_header(head, entry.bytes, name);
}

Expected<Array> load_entry(const Bytes& bytes, const Entry& entry, std::string_view file_name) {
    const std::string name = fmt::format("{}: {}", file_name, in_quotes(entry.key));
    const auto archive = open_archive(bytes, file_name);
    if (!archive) return tl::unexpected(archive.error());
    const auto stream = open_entry(archive->get(), entry.index, name);
    if (!stream) return tl::unexpected(stream.error());
    const auto header = read_header(stream->get(), entry, name);
    if (!header) return tl::unexpected(header.error());
    std::vector<std::byte> data(static_cast<std::size_t>(header->data_bytes));
    if (auto done = read_exactly(stream->get(), data, name); !done) return tl::unexpected(done.error());
    // libzip compares the checksum when it reaches the end of the entry.
    std::array<std::byte, 4096> rest;
    zip_int64_t got = 1;
    for (std::uint64_t left = entry.bytes - header->data_begin - header->data_bytes; got > 0;) {
        got = zip_fread(stream->get(), rest.data(), rest.size());
        if (got < 0) return fail("{}: can't be unpacked: {}", name, zip_file_strerror(stream->get()));
        if (static_cast<std::uint64_t>(got) > left) return fail("{}: goes on after its stated size", name);
        left -= static_cast<std::uint64_t>(got);
    }
    return load_npy(*header, data, name);
}

/// Checks what the directory says of entry `index` before any of it is unpacked. Nothing where it is no
/// array.
Expected<std::optional<Entry>> inspect_entry(zip_t* archive, zip_uint64_t index, std::uint64_t archive_bytes,
                                             std::string_view name) {
    zip_stat_t stat;
    constexpr zip_uint64_t needed = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
    if (zip_stat_index(archive, index, 0, &stat) != 0 || (stat.valid & needed) != needed)
        return fail("{}: the zip archive's entry {} has no name or size", name, index);
    const std::string_view entry_name = stat.name;
    if (entry_name.ends_with("data.pkl"))
        return fail("{}: a PyTorch pickle (.pth); this version reads .npy, .npz and .safetensors", name);
    if (!entry_name.ends_with(".npy")) return std::nullopt;
    const Entry entry{index, std::string(entry_name.substr(0, entry_name.size() - 4)), stat.size};
    const std::string key = in_quotes(entry.key);
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        return fail("{}: {}: expected a stored or deflated entry, found method {}", name, key,
                    stat.comp_method);
    if (stat.comp_size > archive_bytes)
        return fail("{}: {}: {} packed bytes do not fit into the file of {} bytes", name, key, stat.comp_size,
                    archive_bytes);
    if (stat.size / max_ratio > stat.comp_size)
        return fail("{}: {}: {} packed bytes can't hold the stated {} bytes", name, key, stat.comp_size,
                    stat.size);
    return entry;
}

}  // namespace

Expected<FoundArrays> parse_npz(const Bytes& bytes, std::string_view name) {
    const auto archive = open_archive(bytes, name);
    if (!archive) return tl::unexpected(archive.error());
    FoundArrays found;
    std::uint64_t total = 0;
    const zip_int64_t entries = zip_get_num_entries(archive->get(), 0);
    for (zip_int64_t i = 0; i < entries; ++i) {
        const auto index = static_cast<zip_uint64_t>(i);
        const auto inspected = inspect_entry(archive->get(), index, bytes.span().size(), name);
        if (!inspected) return tl::unexpected(inspected.error());
        const std::optional<Entry>& entry = *inspected;
        if (!entry) continue;
        if (entry->bytes > max_total_bytes - total)
            return fail("{}: its arrays would take more than {} GiB unpacked", name, max_total_bytes >> 30U);
        total += entry->bytes;
        const std::string entry_name = fmt::format("{}: {}", name, in_quotes(entry->key));
        const auto stream = open_entry(archive->get(), index, entry_name);
        if (!stream) return tl::unexpected(stream.error());
        const auto header = read_header(stream->get(), *entry, entry_name);
        if (!header) return tl::unexpected(header.error());
        const auto load = [bytes, entry = *entry, name = std::string(name)] {
            return load_entry(bytes, entry, name);
        };
        found.arrays.push_back({{entry->key, header->dtype, header->shape}, load});
    }
    if (found.arrays.empty())
        return fail("{}: expected a zip archive of .npy arrays, found none in it", name);
    return found;
}

Expected<std::vector<std::byte>> encode_npz(const std::vector<std::pair<std::string, ArrayView>>& arrays) {
    if (arrays.empty()) return fail("an .npz file needs at least one array");
    ZipError error;
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, error.get());
    if (target == nullptr) return fail("the .npz can't be made: {}", error.text());
    zip_source_keep(target);  // It outlives the archive, which is closed first.
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> keep(target, zip_source_free);
    Archive archive(zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, error.get()));
    if (!archive) {
        zip_source_free(target);
        return fail("the .npz can't be made: {}", error.text());
    }
    std::vector<std::vector<std::byte>> files;  // libzip reads them in zip_close().
    for (const auto& [key, array] : arrays) {
        files.push_back(encode_npy(array));
        zip_source_t* source =
            zip_source_buffer(archive.get(), files.back().data(), files.back().size(), 0);
        const zip_int64_t index =
            zip_file_add(archive.get(), (key + ".npy").c_str(), source, ZIP_FL_ENC_UTF_8);
        if (index < 0) {
            zip_source_free(source);
            return fail("the array {} can't be put into the .npz: {}", in_quotes(key),
                        zip_strerror(archive.get()));
        }
        // 1980-01-01 00:00, zip's earliest: the same tensors give the same bytes, whenever and wherever.
        constexpr zip_uint16_t first_day = (1U << 5U) | 1U;
        if (zip_set_file_compression(archive.get(), static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0) != 0 ||
            zip_file_set_dostime(archive.get(), static_cast<zip_uint64_t>(index), 0, first_day, 0) != 0)
            return fail("the array {} can't be put into the .npz: {}", in_quotes(key),
                        zip_strerror(archive.get()));
    }
    if (zip_close(archive.get()) != 0) return fail("the .npz can't be made: {}", zip_strerror(archive.get()));
    archive.release();
    zip_stat_t stat;
    if (zip_source_stat(target, &stat) != 0 || zip_source_open(target) != 0)
        return fail("the .npz can't be made: {}", zip_error_strerror(zip_source_error(target)));
    std::vector<std::byte> bytes(static_cast<std::size_t>(stat.size));
    const zip_int64_t got = zip_source_read(target, bytes.data(), bytes.size());
    zip_source_close(target);
    if (got != static_cast<zip_int64_t>(bytes.size())) return fail("the .npz can't be made: it is cut short");
    return bytes;
}

}  // namespace convlens
