/// Reads the zip format of torch.save (PyTorch 1.6 and later).
#include <algorithm>
#include <utility>

#include "engine/io/byte_reader.h"
#include "engine/io/pth_format.h"

namespace convlens {
namespace {

constexpr std::string_view pickle_name = "data.pkl";
constexpr std::uint64_t max_pickle_bytes = std::uint64_t{32} << 20U;

/// Returns the bytes of an entry. Fails if it has more than `most` bytes.
Expected<std::vector<std::byte>> read_entry(const ZipArchive& archive, std::uint64_t index, std::uint64_t most,
                                            std::string_view name) {
    const auto entry = archive.entry(index);
    if (!entry) return tl::unexpected(entry.error());
    const std::string where = fmt::format("{}: {}", name, in_quotes(entry->path));
    if (entry->bytes > most) return fail("{}: expected at most {} bytes, found {}", where, most, entry->bytes);
    auto stream = archive.stream(*entry, where);
    if (!stream) return tl::unexpected(stream.error());
    std::vector<std::byte> bytes(static_cast<std::size_t>(entry->bytes));
    if (auto done = stream->read(bytes); !done) return tl::unexpected(done.error());
    if (auto done = stream->finish(0); !done) return tl::unexpected(done.error());
    return bytes;
}

/// Returns true if the entry FOLDER/byteorder says "big". Without that entry, which PyTorch writes since 2.1, the
/// numbers are little-endian.
Expected<bool> is_big_endian(const ZipArchive& archive, const std::string& folder, std::string_view name) {
    constexpr std::uint64_t longest = 16;
    const auto index = archive.find(folder + "byteorder");
    if (!index) return false;
    const auto bytes = read_entry(archive, *index, longest, name);
    if (!bytes) return tl::unexpected(bytes.error());
    const std::string_view order = text_of(*bytes);
    if (order != "little" && order != "big")
        return fail("{}: {}: expected \"little\" or \"big\", found {}", name, in_quotes(folder + "byteorder"),
                    in_quotes(order));
    return order == "big";
}

Expected<void> read_storage(const Bytes& bytes, const ZipEntry& entry, std::string_view name, std::uint64_t begin,
                            std::uint64_t end, const TakePiece& take) {
    const auto archive = ZipArchive::open(bytes, name);
    if (!archive) return tl::unexpected(archive.error());
    auto stream = archive->stream(entry, fmt::format("{}: {}", name, in_quotes(entry.path)));
    if (!stream) return tl::unexpected(stream.error());
    if (begin > 0)
        if (auto done = stream->seek(begin); !done) return done;
    std::vector<std::byte> piece;
    for (std::uint64_t at = begin; at < end; at += piece.size()) {
        piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(storage_piece_bytes, end - at)));
        if (auto done = stream->read(piece); !done) return done;
        bytes.release_pages();
        take(piece);
    }
    if (begin == 0 && end == entry.bytes) return stream->finish(0);
    return {};
}

}  // namespace

std::optional<std::uint64_t> pth_pickle_entry(const ZipArchive& archive) {
    for (std::uint64_t i = 0; i < archive.size(); ++i) {
        const auto entry = archive.entry(i);
        if (!entry || !entry->path.ends_with(pickle_name)) continue;
        const std::size_t folder = entry->path.size() - pickle_name.size();
        if (folder == 0 || entry->path.find('/') == folder - 1) return i;
    }
    return std::nullopt;
}

Expected<FoundArrays> parse_pth_zip(const Bytes& bytes, const ZipArchive& archive, std::uint64_t pickle_entry,
                                    std::string_view name) {
    const auto entry = archive.entry(pickle_entry);
    if (!entry) return tl::unexpected(entry.error());
    const std::string folder = entry->path.substr(0, entry->path.size() - pickle_name.size());
    if (archive.find(folder + "constants.pkl"))
        return fail("{}: this is a TorchScript program (torch.jit.save), expected a state_dict written by torch.save",
                    name);
    const auto big_endian = is_big_endian(archive, folder, name);
    if (!big_endian) return tl::unexpected(big_endian.error());
    const auto text = read_entry(archive, pickle_entry, max_pickle_bytes, name);
    if (!text) return tl::unexpected(text.error());
    const auto pickle = unpickle(*text, fmt::format("{}: {}", name, in_quotes(entry->path)));
    if (!pickle) return tl::unexpected(pickle.error());
    const auto find_storage = [&](const PickledStorage& storage) -> Expected<ReadStorage> {
        const std::string path = fmt::format("{}data/{}", folder, storage.key);
        const auto index = archive.find(path);
        if (!index) return fail("{}: the storage {} is not in the archive", name, in_quotes(path));
        auto data = archive.entry(*index);
        if (!data) return tl::unexpected(data.error());
        if (!data->stored) return fail("{}: {}: expected a stored entry, found a deflated one", name, in_quotes(path));
        if (data->bytes / storage.kind->number_bytes < storage.root_count)
            return fail("{}: {}: expected {} numbers of {}, found {} bytes", name, in_quotes(path), storage.root_count,
                        storage.kind->dtype, data->bytes);
        return [bytes, data = std::move(*data), name = std::string(name)](std::uint64_t begin, std::uint64_t end,
                                                                          const TakePiece& take) {
            return read_storage(bytes, data, name, begin, end, take);
        };
    };
    return tensors_of(*pickle, find_storage, *big_endian, name);
}

}  // namespace convlens
