/// Reads the format of torch.save before PyTorch 1.6.
#include <algorithm>
#include <map>
#include <utility>

#include "engine/core/sentence.h"
#include "engine/io/byte_reader.h"
#include "engine/io/pth_format.h"

namespace convlens {
namespace {

/// The last bytes of the pickle of the magic number 0x1950a86a20f9469cfc6c: opcode LONG1, length 10, the number in
/// little-endian order, opcode STOP.
constexpr std::string_view magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
constexpr std::int64_t protocol = 1001;

/// Offset of a storage's first number in the file, in bytes, and the count of its numbers.
struct Place {
    std::uint64_t begin = 0;
    std::uint64_t count = 0;
};

/// Reads the pickle at `offset` and moves `offset` to its end.
Expected<Pickle> next_pickle(std::span<const std::byte> file, std::size_t& offset, std::string_view what,
                             std::string_view name) {
    auto pickle = unpickle(file.subspan(offset),
                           offset == 0 ? std::string(name) : fmt::format("{}: {} from byte {} on", name, what, offset));
    if (pickle) offset += pickle->bytes;
    return pickle;
}

/// Returns the positions of the storages that `keys` lists; the first one begins at byte `offset` of the file.
Expected<std::map<std::string_view, Place>> locate(std::span<const std::byte> file, std::size_t offset,
                                                   const Pickle& objects, const Pickle& keys, std::string_view name) {
    std::map<std::string_view, const PickledStorage*> described;
    for (const PickledStorage& storage : objects.storages) {
        const auto [other, first] = described.emplace(storage.key, &storage);
        if (!first && (other->second->kind != storage.kind || other->second->root_count != storage.root_count))
            return fail("{}: the storage {} has two different descriptions", name, in_quotes(storage.key));
    }
    const auto* list = std::get_if<SequenceRef>(&keys.root);
    if (list == nullptr) return fail("{}: expected a list of the storages' keys at byte {}", name, offset - keys.bytes);
    std::map<std::string_view, Place> places;
    ByteReader reader(file.subspan(offset));
    for (const PickleValue& value : keys.sequences[list->index]) {
        const auto* key = std::get_if<std::string_view>(&value);
        const auto found = key == nullptr ? described.end() : described.find(*key);
        if (found == described.end())
            return fail("{}: no tensor belongs to the storage {}", name,
                        key == nullptr ? sentence("without a key") : in_quotes(*key));
        const PickledStorage& storage = *found->second;
        const auto count = reader.little<std::uint64_t>();
        const std::uint64_t begin = offset + reader.offset();
        if (reader.failed()) return fail("{}: the file ends before the storage {}", name, in_quotes(*key));
        if (count != storage.root_count)
            return fail("{}: the storage {} at byte {} has {} numbers, expected {}", name, in_quotes(*key), begin,
                        count, storage.root_count);
        if (count > reader.rest().size() / storage.kind->number_bytes)
            return fail(
                "{}: the file ends within the storage {}: it claims {} numbers of {} at byte {}, but only {} "
                "bytes "
                "follow",
                name, in_quotes(*key), count, storage.kind->dtype, begin, reader.rest().size());
        reader.skip(static_cast<std::size_t>(count) * storage.kind->number_bytes);
        if (!places.emplace(*key, Place{begin, count}).second)
            return fail("{}: the storage {} occurs twice", name, in_quotes(*key));
    }
    return places;
}

}  // namespace

Expected<FoundArrays> parse_pth_legacy(const Bytes& bytes, std::string_view name) {
    const auto file = bytes.span();
    std::size_t offset = 0;
    const auto number = next_pickle(file, offset, "the magic number", name);
    if (!number) return tl::unexpected(number.error());
    if (!text_of(file.first(offset)).ends_with(magic))
        return fail(
            "{}: expected a PyTorch checkpoint, but this pickle does not begin with torch.save's number "
            "0x1950a86a20f9469cfc6c",
            name);
    const auto version = next_pickle(file, offset, "the protocol", name);
    if (!version) return tl::unexpected(version.error());
    const auto* found = std::get_if<std::int64_t>(&version->root);
    if (found == nullptr || *found != protocol)
        return fail("{}: expected PyTorch's protocol {}, found {}", name, protocol,
                    found == nullptr ? sentence("no number") : fmt::format("{}", *found));
    // Not used: PyTorch writes little-endian numbers on every machine.
    const auto system = next_pickle(file, offset, "the system's sizes", name);
    if (!system) return tl::unexpected(system.error());
    const auto objects = next_pickle(file, offset, "the objects", name);
    if (!objects) return tl::unexpected(objects.error());
    const auto keys = next_pickle(file, offset, "the storages' keys", name);
    if (!keys) return tl::unexpected(keys.error());
    const auto places = locate(file, offset, *objects, *keys, name);
    if (!places) return tl::unexpected(places.error());
    const auto find_storage = [&](const PickledStorage& storage) -> Expected<ReadStorage> {
        const auto place = places->find(storage.key);
        if (place == places->end()) return fail("{}: the storage {} is not in the file", name, in_quotes(storage.key));
        return [bytes, start = place->second.begin](std::uint64_t begin, std::uint64_t end,
                                                    const TakePiece& take) -> Expected<void> {
            for (std::uint64_t at = begin; at < end;) {
                const std::uint64_t size = std::min<std::uint64_t>(storage_piece_bytes, end - at);
                take(bytes.span().subspan(static_cast<std::size_t>(start + at), static_cast<std::size_t>(size)));
                bytes.release_pages();
                at += size;
            }
            return {};
        };
    };
    return tensors_of(*objects, find_storage, false, name);
}

}  // namespace convlens
