/// Reading of PyTorch pickles without executing them.
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

/// A global name that a pickle may refer to, and its meaning here. The list of names is fixed.
struct PickleGlobal {
    enum class Role { ordered_dict, tensor, parameter, size, storage };
    std::string_view module;
    std::string_view name;
    Role role = Role::storage;
    // Contents of a storage class:
    std::string_view dtype = {};          ///< NumPy's name of the type.
    std::optional<NumberType> type = {};  ///< nullopt if the values are not real numbers.
    std::size_t number_bytes = 0;         ///< Bytes of one number.
};

/// Indices into a Pickle's lists.
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

/// One value of a pickle: None, bool, int, float, str, a global name, a list or tuple, a dict, a storage, or a tensor.
/// Strings are views of the pickle's bytes.
using PickleValue = std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const PickleGlobal*,
                                 SequenceRef, DictRef, StorageRef, TensorRef>;

/// Numbers stored beside the pickle; tensors are views of them.
struct PickledStorage {
    std::string_view key;                ///< Name of the storage in the file, at most 256 bytes.
    const PickleGlobal* kind = nullptr;  ///< The storage class; its role is Role::storage.
    std::uint64_t root_count = 0;        ///< Number of values that the file stores under `key`.
    std::uint64_t begin = 0;             ///< Index of the first value that belongs to this storage.
    std::uint64_t count = 0;             ///< Number of values of this storage; begin + count <= root_count.
};

/// A tensor as a view of a storage. All elements lie within the storage, and their number is at most the storage's
/// count plus 2^20, so that an expanded tensor can't claim more values than fit into memory.
struct PickledTensor {
    std::uint32_t storage = 0;           ///< Index in Pickle::storages.
    std::uint64_t offset = 0;            ///< Offset of the first element from the storage's begin, in numbers.
    std::vector<std::int64_t> shape;     ///< At most 8 extents.
    std::vector<std::uint64_t> strides;  ///< One per extent, counted in numbers, not bytes.
    std::uint64_t end = 0;  ///< Offset after the last element, in numbers; `offset` if there is no element.
};

/// The objects of a pickle. Lists and dicts may contain themselves.
struct Pickle {
    PickleValue root;
    std::vector<std::vector<PickleValue>> sequences;
    std::vector<std::vector<std::pair<PickleValue, PickleValue>>> dicts;
    std::vector<PickledStorage> storages;
    std::vector<PickledTensor> tensors;
    std::size_t bytes = 0;  ///< Length of the pickle in bytes.
};

/// Reads the pickle (protocols 2 to 5) at the beginning of `bytes`, which must outlive the result. Nothing is imported
/// or called: only dicts, lists, tuples, numbers, strings and PyTorch's storages and tensors are built; every other
/// opcode or name is rejected, and the message names it. At most a million values are built. Error messages begin with
/// `where` and contain the byte position. Format: https://docs.python.org/3/library/pickletools.html
Expected<Pickle> unpickle(std::span<const std::byte> bytes, std::string_view where);

/// Returns the entry of that name in the fixed list, or null if there is none. Each name is documented in PyTorch's
/// torch/_utils.py and torch/serialization.py.
const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name);

/// Returns the result of calling `global` with `arguments`; adds the number of values copied for it to `copied`. Fails
/// if the arguments are not as PyTorch writes them; the error is a clause that the caller completes to a sentence.
Expected<PickleValue> call_pickle_global(Pickle& pickle, const PickleGlobal& global,
                                         std::span<const PickleValue> arguments, std::size_t& copied);

/// Returns the storage that a persistent id refers to: ("storage", class, key, location, count[, view]).
Expected<PickleValue> storage_of_id(Pickle& pickle, const PickleValue& id);

}  // namespace convlens
