/// What a PyTorch pickle describes, read without running anything of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/number_type.h"

namespace convlens {

/// A name that a pickle may ask for, and what stands for it here. There is a fixed list of them.
struct PickleGlobal {
    enum class Role { ordered_dict, tensor, parameter, size, storage };
    std::string_view module;
    std::string_view name;
    Role role = Role::storage;
    // What a storage class holds:
    std::string_view dtype = {};          ///< NumPy's word.
    std::optional<NumberType> type = {};  ///< Nothing where the values are no real numbers.
    std::size_t number_bytes = 0;         ///< Bytes of one number.
};

/// Places in a Pickle's lists.
struct SequenceRef {
    std::uint32_t index;
};
struct DictRef {
    std::uint32_t index;
};
struct StorageRef {
    std::uint32_t index;
};
struct TensorRef {
    std::uint32_t index;
};

/// One value of a pickle: None, bool, int, float, str, a name, a list or tuple, a dict, a storage, a tensor.
/// Text lies in the pickle's bytes.
using PickleValue = std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const PickleGlobal*,
                                 SequenceRef, DictRef, StorageRef, TensorRef>;

/// Numbers that lie beside the pickle; tensors are views of them.
struct PickledStorage {
    std::string_view key;                ///< Its name in the file, at most 256 bytes.
    const PickleGlobal* kind = nullptr;  ///< Of Role::storage.
    std::uint64_t root_count = 0;        ///< Numbers under that name.
    std::uint64_t begin = 0;             ///< The first of them that belongs to this storage,
    std::uint64_t count = 0;             ///< and how many do: begin + count <= root_count.
};

/// A tensor as a view of a storage. Every element lies within it, and the number of elements is at most the
/// storage's count plus 2^20, so that an expanded tensor can't announce what no memory holds.
struct PickledTensor {
    std::uint32_t storage = 0;           ///< Index in Pickle::storages.
    std::uint64_t offset = 0;            ///< Of the first element, in numbers from the storage's begin.
    std::vector<std::int64_t> shape;     ///< At most 8 extents.
    std::vector<std::uint64_t> strides;  ///< In numbers, one for each extent.
    std::uint64_t end = 0;               ///< One after the last element, in numbers; `offset` when there is none.
};

/// All that a pickle built. Lists and dicts may contain themselves.
struct Pickle {
    PickleValue root;
    std::vector<std::vector<PickleValue>> sequences;
    std::vector<std::vector<std::pair<PickleValue, PickleValue>>> dicts;
    std::vector<PickledStorage> storages;
    std::vector<PickledTensor> tensors;
    std::size_t bytes = 0;  ///< How long the pickle was.
};

/// Reads the pickle (protocols 2 to 5) at the begin of `bytes`, which must outlive what is returned. Nothing
/// is imported or called: only dicts, lists, tuples, numbers, text and PyTorch's storages and tensors are
/// built, and every other opcode or name is refused by its name. At most a million values. `where` begins the
/// message, which says the byte. Format: https://docs.python.org/3/library/pickletools.html
Expected<Pickle> unpickle(std::span<const std::byte> bytes, std::string_view where);

/// The entry of the fixed list, or none. Each is described at its place in PyTorch's torch/_utils.py and
/// torch/serialization.py.
const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name);

/// What calling `global` with `arguments` gives; `copied` counts the values that were copied for it. Fails in
/// half a sentence when the arguments are not as PyTorch writes them.
Expected<PickleValue> call_pickle_global(Pickle& pickle, const PickleGlobal& global,
                                         std::span<const PickleValue> arguments, std::size_t& copied);

/// The storage that a persistent id stands for: ("storage", class, key, location, count[, view]).
Expected<PickleValue> storage_of_id(Pickle& pickle, const PickleValue& id);

}  // namespace convlens
