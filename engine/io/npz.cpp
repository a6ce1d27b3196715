/// NumPy's .npz format: a zip archive of .npy files, read and written by libzip.
#include <zip.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/io/array_formats.h"
#include "engine/io/zip_archive.h"

namespace convlens {
namespace {

constexpr std::uint64_t max_total_bytes = std::uint64_t{4} << 30U;
constexpr std::string_view extension = ".npy";

std::string_view key_of(const ZipEntry& entry) {
    return std::string_view(entry.path).substr(0, entry.path.size() - extension.size());
}

/// Reads the header from the begin of `stream`: not more than that is unpacked.
Expected<NpyHeader> read_header(ZipStream& stream, std::uint64_t entry_bytes, std::string_view name) {
    std::vector<std::byte> head(
        static_cast<std::size_t>(std::min<std::uint64_t>(npy_preamble_bytes, entry_bytes)));
    if (auto done = stream.read(head); !done) return tl::unexpected(done.error());
    const auto begin = npy_data_begin(head, name);
    if (!begin) return tl::unexpected(begin.error());
    if (*begin > entry_bytes) return fail("{}: the file ends within the .npy header", name);
    if (*begin < head.size()) return fail("{}: the .npy header is too short", name);
    const std::size_t have = head.size();
    head.resize(static_cast<std::size_t>(*begin));
    if (auto done = stream.read(std::span(head).subspan(have)); !done) return tl::unexpected(done.error());
    return parse_npy_header(head, entry_bytes, name);
}

Expected<Array> load_entry(const Bytes& bytes, const ZipEntry& entry, std::string_view file_name) {
    const std::string name = fmt::format("{}: {}", file_name, in_quotes(key_of(entry)));
    const auto archive = ZipArchive::open(bytes, file_name);
    if (!archive) return tl::unexpected(archive.error());
    auto stream = archive->stream(entry, name);
    if (!stream) return tl::unexpected(stream.error());
    const auto header = read_header(*stream, entry.bytes, name);
    if (!header) return tl::unexpected(header.error());
    std::vector<std::byte> data(static_cast<std::size_t>(header->data_bytes));
    if (auto done = stream->read(data); !done) return tl::unexpected(done.error());
    if (auto done = stream->finish(entry.bytes - header->data_begin - header->data_bytes); !done) {
        return tl::unexpected(done.error());
    }
    return load_npy(*header, data, name);
}

}  // namespace

Expected<FoundArrays> parse_npz(const Bytes& bytes, const ZipArchive& archive, std::string_view name) {
    FoundArrays found;
    std::uint64_t total = 0;
    for (std::uint64_t i = 0; i < archive.size(); ++i) {
        const auto entry = archive.entry(i);
        if (!entry) return tl::unexpected(entry.error());
        if (!entry->path.ends_with(extension)) continue;
        if (entry->bytes > max_total_bytes - total)
            return fail("{}: its arrays would take more than {} GiB unpacked", name, max_total_bytes >> 30U);
        total += entry->bytes;
        const std::string entry_name = fmt::format("{}: {}", name, in_quotes(key_of(*entry)));
        auto stream = archive.stream(*entry, entry_name);
        if (!stream) return tl::unexpected(stream.error());
        const auto header = read_header(*stream, entry->bytes, entry_name);
        if (!header) return tl::unexpected(header.error());
        const auto load = [bytes, entry = *entry, name = std::string(name)] {
            return load_entry(bytes, entry, name);
        };
        found.arrays.push_back({{std::string(key_of(*entry)), header->dtype, header->shape}, load});
    }
    if (found.arrays.empty())
        return fail(
            "{}: expected a zip archive of .npy arrays or of a PyTorch state_dict, found neither in it",
            name);
    return found;
}

Expected<std::vector<std::byte>> encode_npz(const std::vector<std::pair<std::string, ArrayView>>& arrays) {
    if (arrays.empty()) return fail("an .npz file needs at least one array");
    ZipError error;
    zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, error.get());
    if (target == nullptr) return fail("the .npz can't be made: {}", error.text());
    zip_source_keep(target);  // It outlives the archive, which is closed first.
    const std::unique_ptr<zip_source_t, void (*)(zip_source_t*)> keep(target, zip_source_free);
    ZipHandle archive(zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, error.get()));
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
