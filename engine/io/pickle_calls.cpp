/// The Python names that the pickle of a state dict may contain, and the results of calling them.
#include <algorithm>
#include <array>

#include "engine/io/array_formats.h"
#include "engine/io/pickle.h"

namespace convlens {
namespace {

using Role = PickleGlobal::Role;

constexpr std::uint64_t max_expansion = std::uint64_t{1} << 20U;
constexpr std::uint64_t max_count = std::uint64_t{1} << 60U;  // Numbers in a storage; their bytes fit into 64 bits.
constexpr std::size_t max_key = 256;

constexpr std::array<PickleGlobal, 19> globals = {{
    {"collections", "OrderedDict", Role::ordered_dict},
    {"torch._utils", "_rebuild_tensor", Role::tensor},
    {"torch._utils", "_rebuild_tensor_v2", Role::tensor},
    {"torch._utils", "_rebuild_parameter", Role::parameter},
    {"torch._utils", "_rebuild_parameter_with_state", Role::parameter},
    {"torch.nn.parameter", "Parameter", Role::parameter},
    {"torch", "Size", Role::size},
    {"torch", "FloatStorage", Role::storage, "float32", NumberType::float32, 4},
    {"torch", "DoubleStorage", Role::storage, "float64", NumberType::float64, 8},
    {"torch", "HalfStorage", Role::storage, "float16", NumberType::float16, 2},
    {"torch", "BFloat16Storage", Role::storage, "bfloat16", NumberType::bfloat16, 2},
    {"torch", "LongStorage", Role::storage, "int64", NumberType::int64, 8},
    {"torch", "IntStorage", Role::storage, "int32", NumberType::int32, 4},
    {"torch", "ShortStorage", Role::storage, "int16", NumberType::int16, 2},
    {"torch", "CharStorage", Role::storage, "int8", NumberType::int8, 1},
    {"torch", "ByteStorage", Role::storage, "uint8", NumberType::uint8, 1},
    {"torch", "BoolStorage", Role::storage, "bool", NumberType::boolean, 1},
    {"torch", "ComplexFloatStorage", Role::storage, "complex64", std::nullopt, 8},
    {"torch", "ComplexDoubleStorage", Role::storage, "complex128", std::nullopt, 16},
}};

template <class T>
const T* argument(std::span<const PickleValue> arguments, std::size_t i) {
    return i < arguments.size() ? std::get_if<T>(&arguments[i]) : nullptr;
}

/// Returns an OrderedDict: empty, or with the pairs of key and value in its argument, as Python 2 writes it.
Expected<PickleValue> make_dict(Pickle& pickle, std::span<const PickleValue> arguments, std::size_t& copied) {
    const auto* pairs = argument<SequenceRef>(arguments, 0);
    if (arguments.size() > 1 || (arguments.size() == 1 && pairs == nullptr))
        return fail("an OrderedDict is made of something other than pairs");
    std::vector<std::pair<PickleValue, PickleValue>> items;
    if (pairs != nullptr) {
        for (const PickleValue& value : pickle.sequences[pairs->index]) {
            const auto* pair = std::get_if<SequenceRef>(&value);
            if (pair == nullptr || pickle.sequences[pair->index].size() != 2)
                return fail("an OrderedDict is made of something other than pairs");
            items.emplace_back(pickle.sequences[pair->index][0], pickle.sequences[pair->index][1]);
        }
    }
    copied += items.size();
    pickle.dicts.push_back(std::move(items));
    return DictRef{static_cast<std::uint32_t>(pickle.dicts.size() - 1)};
}

/// Returns the integers of a tuple. Fails if one is negative or there are more than 8. `what` names the tuple in
/// messages.
Expected<std::vector<std::int64_t>> extents(const Pickle& pickle, SequenceRef tuple, std::string_view what) {
    constexpr std::size_t max_rank = 8;
    const auto& values = pickle.sequences[tuple.index];
    if (values.size() > max_rank)
        return fail("expected at most {} dimensions, found a {} of {}", max_rank, what, values.size());
    std::vector<std::int64_t> result;
    for (const PickleValue& value : values) {
        const auto* extent = std::get_if<std::int64_t>(&value);
        if (extent == nullptr) return fail("the {} contains a value that is not an integer", what);
        if (*extent < 0) return fail("the {} has the negative number {}", what, *extent);
        result.push_back(*extent);
    }
    return result;
}

/// Sets tensor.end. Fails if an element lies outside of the storage.
Expected<void> check_view(PickledTensor& tensor, const PickledStorage& storage) {
    const auto count = count_of(tensor.shape);
    tensor.end = tensor.offset;
    if (count == std::uint64_t{0}) return {};
    const auto outside = [&] {
        return fail("a tensor of {} from number {} on does not lie within the {} numbers of storage {}",
                    shape_text(tensor.shape), tensor.offset, storage.count, in_quotes(storage.key));
    };
    if (tensor.offset >= storage.count) return outside();
    std::uint64_t last = tensor.offset;
    for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
        const auto steps = static_cast<std::uint64_t>(tensor.shape[d]) - 1;
        if (tensor.strides[d] == 0 || steps == 0) continue;
        if (steps > (storage.count - 1 - last) / tensor.strides[d]) return outside();
        last += steps * tensor.strides[d];
    }
    if (!count || *count > storage.count + max_expansion)
        return fail("a tensor of {} is expanded from only {} numbers, expected at most 2^20 more",
                    shape_text(tensor.shape), storage.count);
    tensor.end = last + 1;
    return {};
}

/// Makes a tensor from the arguments (storage, offset, shape, strides, ...); those after the strides matter only for
/// training.
Expected<PickleValue> make_tensor(Pickle& pickle, std::span<const PickleValue> arguments) {
    const auto* storage = argument<StorageRef>(arguments, 0);
    const auto* offset = argument<std::int64_t>(arguments, 1);
    const auto* shape = argument<SequenceRef>(arguments, 2);
    const auto* strides = argument<SequenceRef>(arguments, 3);
    if (storage == nullptr || offset == nullptr || shape == nullptr || strides == nullptr)
        return fail("a tensor is made of something other than a storage, an offset, a shape and strides");
    if (*offset < 0) return fail("a tensor has the negative offset {}", *offset);
    auto shape_values = extents(pickle, *shape, "shape");
    if (!shape_values) return tl::unexpected(shape_values.error());
    const auto stride_values = extents(pickle, *strides, "list of strides");
    if (!stride_values) return tl::unexpected(stride_values.error());
    if (shape_values->size() != stride_values->size())
        return fail("a tensor has {} extents but {} strides", shape_values->size(), stride_values->size());
    PickledTensor tensor{storage->index,
                         static_cast<std::uint64_t>(*offset),
                         std::move(*shape_values),
                         {stride_values->begin(), stride_values->end()},
                         0};
    if (auto ok = check_view(tensor, pickle.storages[storage->index]); !ok) return tl::unexpected(ok.error());
    pickle.tensors.push_back(std::move(tensor));
    return TensorRef{static_cast<std::uint32_t>(pickle.tensors.size() - 1)};
}

}  // namespace

const PickleGlobal* find_pickle_global(std::string_view module, std::string_view name) {
    const auto* found = std::find_if(globals.begin(), globals.end(),
                                     [&](const PickleGlobal& g) { return g.module == module && g.name == name; });
    return found == globals.end() ? nullptr : found;
}

Expected<PickleValue> call_pickle_global(Pickle& pickle, const PickleGlobal& global,
                                         std::span<const PickleValue> arguments, std::size_t& copied) {
    switch (global.role) {
        case Role::ordered_dict: return make_dict(pickle, arguments, copied);
        case Role::tensor: return make_tensor(pickle, arguments);
        case Role::parameter:  // Only the tensor in it is needed, not requires_grad.
            if (const auto* tensor = argument<TensorRef>(arguments, 0)) return *tensor;
            return fail("a {} is made of something other than a tensor", global.name);
        case Role::size:
            if (const auto* size = argument<SequenceRef>(arguments, 0)) return *size;
            return fail("a {} is made of something other than a tuple", global.name);
        case Role::storage: break;
    }
    return fail("{}.{} is called, which a state_dict does not need", global.module, global.name);
}

Expected<PickleValue> storage_of_id(Pickle& pickle, const PickleValue& id) {
    const auto* tuple = std::get_if<SequenceRef>(&id);
    if (tuple == nullptr) return fail("a persistent id is not a tuple");
    const std::span<const PickleValue> parts = pickle.sequences[tuple->index];
    const auto* word = argument<std::string_view>(parts, 0);
    if (word == nullptr || *word != "storage")
        return fail("a persistent id begins with {}, expected \"storage\"",
                    word == nullptr ? "no string" : in_quotes(*word));
    const auto* kind = argument<const PickleGlobal*>(parts, 1);
    const auto* key = argument<std::string_view>(parts, 2);
    const auto* count = argument<std::int64_t>(parts, 4);
    if (kind == nullptr || (*kind)->role != Role::storage || key == nullptr || count == nullptr)
        return fail("a storage is described by something other than a class, a key, a location and a count");
    if (key->size() > max_key) return fail("a storage's key has {} bytes, expected at most {}", key->size(), max_key);
    const auto total = static_cast<std::uint64_t>(*count);
    if (*count < 0 || total > max_count) return fail("storage {} has {} numbers", in_quotes(*key), *count);
    PickledStorage storage{*key, *kind, total, 0, total};
    if (const auto* view = argument<SequenceRef>(parts, 5)) {  // PyTorch 0.x: (key, offset, count) of a part.
        const std::span<const PickleValue> range = pickle.sequences[view->index];
        const auto* begin = argument<std::int64_t>(range, 1);
        const auto* part = argument<std::int64_t>(range, 2);
        if (begin == nullptr || part == nullptr || *begin < 0 || *part < 0 || *begin > *count ||
            *part > *count - *begin)
            return fail("a part of storage {} does not lie within its {} numbers", in_quotes(*key), *count);
        storage.begin = static_cast<std::uint64_t>(*begin);
        storage.count = static_cast<std::uint64_t>(*part);
    }
    pickle.storages.push_back(storage);
    return StorageRef{static_cast<std::uint32_t>(pickle.storages.size() - 1)};
}

}  // namespace convlens
