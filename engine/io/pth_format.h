/// PyTorch checkpoints: functions shared by the readers of torch.save's two file formats.
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

/// Receives consecutive bytes of a storage. A piece begins and ends between two numbers.
using TakePiece = std::function<void(std::span<const std::byte>)>;

/// Passes bytes [begin, end) of one storage to `take`, front to back, in pieces of at most storage_piece_bytes. `begin`
/// and `end` are multiples of the size of a number.
using ReadStorage = std::function<Expected<void>(std::uint64_t begin, std::uint64_t end, const TakePiece& take)>;

/// Maximum size of a piece of a storage in bytes, 4 MiB: a multiple of the size of every number type.
inline constexpr std::size_t storage_piece_bytes = std::size_t{4} << 20U;

/// Returns a function that reads `storage`. Fails if the file does not contain storage.root_count numbers under its
/// key.
using FindStorage = std::function<Expected<ReadStorage>(const PickledStorage& storage)>;

/// Returns the tensors of `pickle` in the file's order. The key of a tensor consists of the dict keys and list indices
/// (from 0) on the path to it, joined with dots. An entry "state_dict", "model_state_dict", "model" or "net" of the
/// root adds nothing to the path if it is a dict; if there are several of them, this holds for the first in this order.
/// `find_storage` locates the numbers, which are stored in big-endian order if `big_endian`. `name` is the name of the
/// file in messages.
Expected<FoundArrays> tensors_of(const Pickle& pickle, const FindStorage& find_storage, bool big_endian,
                                 std::string_view name);

/// Returns the index of the entry "FOLDER/data.pkl", by which a zip archive written by torch.save is recognized;
/// nullopt if there is none.
std::optional<std::uint64_t> pth_pickle_entry(const ZipArchive& archive);

/// Parses the zip format of torch.save (PyTorch 1.6 and later): FOLDER/data.pkl with the objects, FOLDER/data/KEY with
/// the numbers of each storage, and optionally FOLDER/byteorder. The storages are not compressed.
Expected<FoundArrays> parse_pth_zip(const Bytes& bytes, const ZipArchive& archive, std::uint64_t pickle_entry,
                                    std::string_view name);

/// Parses the format of torch.save before PyTorch 1.6: five pickles (a magic number, the protocol number 1001, sizes of
/// C types, the objects, a list of the storages' keys), then each storage in the order of that list. A storage begins
/// with the count of its numbers in 8 bytes. All numbers are little-endian.
Expected<FoundArrays> parse_pth_legacy(const Bytes& bytes, std::string_view name);

}  // namespace convlens
