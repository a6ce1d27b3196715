/// PyTorch's checkpoints: the seam between the two containers and the tensors in them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "engine/io/array_formats.h"
#include "engine/io/pickle.h"
#include "engine/io/zip_archive.h"

namespace convlens {

/// Takes a piece of a storage: whole numbers.
using TakePiece = std::function<void(std::span<const std::byte>)>;

/// Gives bytes [begin, end) of one storage to a TakePiece, front to back, a few MB at a time. `begin` and
/// `end` lie between whole numbers.
using ReadStorage = std::function<Expected<void>(std::uint64_t begin, std::uint64_t end, const TakePiece& take)>;

/// Bytes of a piece of a storage; a multiple of every number's size.
inline constexpr std::size_t storage_piece_bytes = std::size_t{4} << 20U;

/// The way to a storage's bytes. Fails when the file does not hold all of storage.root_count.
using FindStorage = std::function<Expected<ReadStorage>(const PickledStorage& storage)>;

/// Every tensor of `pickle` under its key: the keys on the way to it, joined with dots, but for "state_dict",
/// "model" and the like, which hold the network's own. In the file's order; lists count from 0.
Expected<FoundArrays> tensors_of(const Pickle& pickle, const FindStorage& find_storage, bool big_endian,
                                 std::string_view name);

/// Index of the entry that makes a zip archive one of torch.save's: "FOLDER/data.pkl".
std::optional<std::uint64_t> pth_pickle_entry(const ZipArchive& archive);

/// torch.save's zip archive since PyTorch 1.6: FOLDER/data.pkl, FOLDER/data/KEY, perhaps FOLDER/byteorder,
/// all stored.
Expected<FoundArrays> parse_pth_zip(const Bytes& bytes, const ZipArchive& archive, std::uint64_t pickle_entry,
                                    std::string_view name);

/// torch.save's stream before PyTorch 1.6: the pickles of a magic number, of the protocol 1001, of the
/// system's sizes, of the objects and of the storages' keys; then each storage in the keys' order, the count
/// of its numbers in 8 bytes first. Numbers are little-endian.
Expected<FoundArrays> parse_pth_legacy(const Bytes& bytes, std::string_view name);

}  // namespace convlens
