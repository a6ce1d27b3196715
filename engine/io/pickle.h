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

/// A Python class or function that a pickle may refer to by name, and what Convlens does with it. The list is fixed;
/// find_pickle_global() searches it.
struct PickleGlobal {
    /// The kind of object that the name makes.
    enum class Role { ordered_dict, tensor, parameter, size, storage };
    std::string_view module;  ///< Python module: "torch._utils".
    std::string_view name;    ///< Name in the module: "_rebuild_tensor_v2".
    Role role = Role::storage;
    // Only for Role::storage:
    std::string_view dtype = {};          ///< NumPy's name of the type of the numbers.
    std::optional<NumberType> type = {};  ///< nullopt if the numbers can't be converted to float32.
    std::size_t number_bytes = 0;         ///< Size of one number in bytes.
};

/// Indices in the lists of a Pickle: sequences, dicts, storages and tensors.
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

/// One value of a pickle, in this order: None, bool, int, float, str, a global name, a list or tuple, a dict, a
/// storage, a tensor. Strings are views of the pickle's bytes.
using PickleValue = std::variant<std::monostate, bool, std::int64_t, double, std::string_view, const PickleGlobal*,
                                 SequenceRef, DictRef, StorageRef, TensorRef>;

/// A storage: a sequence of numbers in the file, outside of the pickle. Tensors are views of storages.
struct PickledStorage {
    std::string_view key;  ///< Name of the storage in the file, at most 256 bytes.
    /// The storage class, such as "torch.FloatStorage"; its role is Role::storage.
    const PickleGlobal* kind = nullptr;
    std::uint64_t root_count = 0;  ///< Number of values that the file has under `key`.
    /// Index of the first of these values that belongs to this storage; 0 except in files of PyTorch 0.x.
    std::uint64_t begin = 0;
    std::uint64_t count = 0;  ///< Number of values of this storage; begin + count <= root_count.
};

/// A tensor as a view of a storage. All elements lie within the storage. Strides may be 0, as after
/// torch.Tensor.expand(), so a tensor can have more elements than its storage has numbers: at most 2^20 more, so that a
/// small file can't fill the memory.
struct PickledTensor {
    std::uint32_t storage = 0;           ///< Index in Pickle::storages.
    std::uint64_t offset = 0;            ///< Offset of the first element from the storage's begin, in numbers.
    std::vector<std::int64_t> shape;     ///< At most 8 extents.
    std::vector<std::uint64_t> strides;  ///< One per extent, counted in numbers, not bytes.
    /// Offset after the last element from the storage's begin, in numbers; `offset` if there is no element.
    std::uint64_t end = 0;
};

/// The objects of a pickle. Lists and dicts may contain themselves.
struct Pickle {
    PickleValue root;                                 ///< The object that was pickled.
    std::vector<std::vector<PickleValue>> sequences;  ///< Lists and tuples.
    /// Pairs of key and value, in the file's order.
    std::vector<std::vector<std::pair<PickleValue, PickleValue>>> dicts;
    std::vector<PickledStorage> storages;
    std::vector<PickledTensor> tensors;
    std::size_t bytes = 0;  ///< Length of the pickle in bytes.
};

/// Reads the pickle (protocols 2 to 5) at the beginning of `bytes`, which must outlive the result. Nothing is imported
/// or called: only dicts, lists, tuples, numbers, strings and PyTorch's storages and tensors are built; every other
/// opcode or name is rejected, and the message names it. Fails for more than a million values. Error messages begin
/// with `where` and contain the byte position. Format: https://docs.python.org/3/library/pickletools.html
Expected<Pickle> unpickle(std::span<const std::byte> bytes, std::string_view where);

/// Returns the entry for the name `module`.`name`; null if a pickle must not use it. The list contains the names that
/// torch.save(model.state_dict()) writes; PyTorch's torch/_utils.py and torch/serialization.py define what they mean.
const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name);

/// Returns what a call of `global` with `arguments` produces in Python, and adds it to the lists of `pickle`. Adds the
/// number of values that it copied to `copied`. Fails if the arguments are not as PyTorch writes them; the message is a
/// clause that the caller completes to a sentence.
Expected<PickleValue> call_pickle_global(Pickle& pickle, const PickleGlobal& global,
                                         std::span<const PickleValue> arguments, std::size_t& copied);

/// Returns the storage that a persistent id refers to, and adds it to pickle.storages. `id` is a tuple ("storage",
/// class, key, location, count) or, in PyTorch 0.x, (..., view). Fails like call_pickle_global().
Expected<PickleValue> storage_of_id(Pickle& pickle, const PickleValue& id);

}  // namespace convlens
