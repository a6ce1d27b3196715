/// PyTorch checkpoints: the interface between the two container formats and the tensors in them.
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

/// Receives a piece of a storage, which consists of complete numbers.
using TakePiece = std::function<void(std::span<const std::byte>)>;

/// Passes bytes [begin, end) of one storage to a TakePiece, front to back, a few MB at a time. `begin` and `end` lie on
/// boundaries of numbers.
using ReadStorage = std::function<Expected<void>(std::uint64_t begin, std::uint64_t end, const TakePiece& take)>;

/// Size of a piece of a storage in bytes; a multiple of the size of every number type.
inline constexpr std::size_t storage_piece_bytes = std::size_t{4} << 20U;

/// Finds the bytes of a storage. Fails if the file does not contain all of storage.root_count.
using FindStorage = std::function<Expected<ReadStorage>(const PickledStorage& storage)>;

/// Returns every tensor of `pickle` under its key: the keys on the path to it, joined with dots, except for
/// "state_dict", "model" and similar entries that hold the network's own tensors. In the file's order; indices of lists
/// count from 0.
Expected<FoundArrays> tensors_of(const Pickle& pickle, const FindStorage& find_storage, bool big_endian,
                                 std::string_view name);

/// Returns the index of the entry "FOLDER/data.pkl", by which a zip archive of torch.save is recognized.
std::optional<std::uint64_t> pth_pickle_entry(const ZipArchive& archive);

/// Parses the zip format of torch.save (PyTorch 1.6 and later): FOLDER/data.pkl, FOLDER/data/KEY and optionally
/// FOLDER/byteorder, all stored without compression.
Expected<FoundArrays> parse_pth_zip(const Bytes& bytes, const ZipArchive& archive, std::uint64_t pickle_entry,
                                    std::string_view name);

/// Parses torch.save's stream before PyTorch 1.6: the pickles of a magic number, of the protocol 1001, of the system's
/// sizes, of the objects and of the storages' keys; then each storage in the order of the keys, preceded by the count
/// of its numbers in 8 bytes. Numbers are little-endian.
Expected<FoundArrays> parse_pth_legacy(const Bytes& bytes, std::string_view name);

}  // namespace convlens
