/// NumPy's .npz format: a zip archive of .npy files, read and written by zip_archive.h.
#include <algorithm>
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

/// Reads the header from the beginning of `stream` without unpacking more than that.
Expected<NpyHeader> read_header(ZipStream& stream, std::uint64_t entry_bytes, std::string_view name) {
    std::vector<std::byte> head(static_cast<std::size_t>(std::min<std::uint64_t>(npy_preamble_bytes, entry_bytes)));
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
        const auto load = [bytes, entry = *entry, name = std::string(name)] { return load_entry(bytes, entry, name); };
        found.arrays.push_back({{std::string(key_of(*entry)), header->dtype, header->shape}, load});
    }
    if (found.arrays.empty())
        return fail("{}: expected a zip archive of .npy arrays or of a PyTorch state_dict, found neither in it", name);
    return found;
}

Expected<std::vector<std::byte>> encode_npz(const std::vector<std::pair<std::string, ArrayView>>& arrays) {
    if (arrays.empty()) return fail("an .npz file needs at least one array");
    std::vector<std::vector<std::byte>> bytes;
    std::vector<ZipInput> files;
    for (const auto& [key, array] : arrays) bytes.push_back(encode_npy(array));
    for (std::size_t i = 0; i < arrays.size(); ++i) files.emplace_back(arrays[i].first + ".npy", bytes[i]);
    return encode_zip(files, "the .npz");
}

}  // namespace convlens
