/// The values of tensors of ONNX files.
#include <bit>

#include "engine/io/array_formats.h"
#include "engine/io/onnx_file.h"
#include "engine/io/protobuf.h"

namespace convlens {
namespace {

using namespace onnx_field;
using enum ProtoWire;

/// Returns the type for the number of a TensorProto.DataType; nullopt for text, complex numbers and unknown types.
std::optional<NumberType> type_of(std::int64_t data_type) {
    switch (data_type) {
        case 1: return NumberType::float32;
        case 2: return NumberType::uint8;
        case 3: return NumberType::int8;
        case 4: return NumberType::uint16;
        case 5: return NumberType::int16;
        case 6: return NumberType::int32;
        case 7: return NumberType::int64;
        case 9: return NumberType::boolean;
        case 10: return NumberType::float16;
        case 11: return NumberType::float64;
        case 12: return NumberType::uint32;
        case 13: return NumberType::uint64;
        case 16: return NumberType::bfloat16;
        default: return std::nullopt;
    }
}

/// Returns the field that has the values of `type`, if not raw_data.
std::uint32_t field_of(NumberType type) {
    switch (type) {
        case NumberType::float32: return float_data;
        case NumberType::float64: return double_data;
        case NumberType::int64: return int64_data;
        case NumberType::uint32:
        case NumberType::uint64: return uint64_data;
        default: return int32_data;  // also float16 and bfloat16, as their bits
    }
}

/// Calls packed(bytes) for each run of little-endian values of `type` in the tensor's message, and single(bits) for
/// each value that is stored as a number. Returns false if the message is invalid.
template <class Packed, class Single>
bool visit_values(std::span<const std::byte> message, NumberType type, const Packed& packed, const Single& single) {
    const std::uint32_t number = field_of(type);
    const bool real = number == float_data || number == double_data;
    bool valid = true;
    ProtoReader reader(message);
    ProtoField field;
    while (reader.next(field)) {
        if (field.is(raw_data, bytes) || (real && field.is(number, bytes))) {
            packed(field.bytes);
        } else if (real && field.number == number) {
            valid = valid && field.wire == (number == float_data ? fixed32 : fixed64);
            single(field.value);
        } else if (field.number == number) {
            valid = valid && for_each_varint(field, single);
        }
    }
    return valid && !reader.failed();
}

/// Returns the `bytes` lowest bytes of `bits`, lowest first.
std::array<std::byte, 8> little(std::uint64_t bits) {
    std::array<std::byte, 8> result{};
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<std::byte>(bits >> 8 * i & 255U);
    return result;
}

bool is_plain_name(std::string_view name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\:\0", 4)) == name.npos;
}

Expected<Array> load_external(const OnnxFile& file, const OnnxTensor& tensor, NumberType type) {
    const std::string where = fmt::format("{}: {}", file.name, in_quotes(tensor.name));
    if (file.folder.empty() && tensor.location.empty()) return fail("{}: its values are missing", where);
    if (!is_plain_name(tensor.location))
        return fail("{}: its values are in {}, expected a file in the same folder", where, in_quotes(tensor.location));
    const auto bytes = Bytes::map_own_file(file.folder / std::filesystem::path(std::string(tensor.location)));
    if (!bytes) return fail("{}: {}", where, bytes.error().message);
    const auto needed = bytes_of(tensor.shape, type);
    if (!needed || tensor.offset > bytes->span().size() || *needed > bytes->span().size() - tensor.offset)
        return fail("{}: expected {} bytes from byte {} of {}, which has {} bytes", where, needed.value_or(0),
                    tensor.offset, in_quotes(tensor.location), bytes->span().size());
    Array array{tensor.shape, std::vector<float>(static_cast<std::size_t>(tensor.count()))};
    convert_to_float(bytes->span().subspan(static_cast<std::size_t>(tensor.offset)), type, false, array.values);
    if (!bytes->intact()) return fail("{}: {} was shortened while it was read", where, in_quotes(tensor.location));
    return array;
}

}  // namespace

std::uint64_t OnnxTensor::count() const { return count_of(shape).value_or(0); }

std::string OnnxTensor::dtype() const {
    const auto known = type_of(type);
    return known ? std::string(name_of(*known)) : fmt::format("type {}", type);
}

Expected<Array> OnnxFile::load(const OnnxTensor& tensor) const {
    const auto type = type_of(tensor.type);
    if (!type) return fail("{}: {} has the {}, expected numbers", name, in_quotes(tensor.name), tensor.dtype());
    if (!tensor.location.empty()) return load_external(*this, tensor, *type);
    std::uint64_t there = 0;
    const bool valid = visit_values(
        tensor.message, *type, [&](std::span<const std::byte> run) { there += run.size() / size_bytes(*type); },
        [&](std::uint64_t) { ++there; });
    if (!valid || there != tensor.count())
        return fail("{}: {} has {} values, expected {} for its shape {}", name, in_quotes(tensor.name), there,
                    tensor.count(), shape_text(tensor.shape));
    Array array{tensor.shape, std::vector<float>(static_cast<std::size_t>(there))};
    std::span<float> to = array.values;
    const auto put = [&](std::span<const std::byte> run, std::size_t count) {
        convert_to_float(run, *type, false, to.first(count));
        to = to.subspan(count);
    };
    visit_values(
        tensor.message, *type, [&](std::span<const std::byte> run) { put(run, run.size() / size_bytes(*type)); },
        [&](std::uint64_t bits) { put(little(bits), 1); });
    return array;
}

std::optional<std::vector<std::int64_t>> OnnxFile::integers(const OnnxTensor& tensor) const {
    constexpr std::uint64_t most = 64;
    const auto type = type_of(tensor.type);
    if ((type != NumberType::int64 && type != NumberType::int32) || tensor.count() > most || !tensor.location.empty())
        return std::nullopt;
    std::vector<std::int64_t> values;
    const auto put = [&](std::uint64_t bits) {
        if (values.size() <= most)
            values.push_back(type == NumberType::int64 ? static_cast<std::int64_t>(bits)
                                                       : static_cast<std::int32_t>(static_cast<std::uint32_t>(bits)));
    };
    const bool valid = visit_values(
        tensor.message, *type,
        [&](std::span<const std::byte> run) {
            for (ByteReader reader(run); reader.rest().size() >= size_bytes(*type) && values.size() <= most;)
                put(type == NumberType::int64 ? reader.little<std::uint64_t>() : reader.little<std::uint32_t>());
        },
        put);
    if (!valid || values.size() != tensor.count()) return std::nullopt;
    return values;
}

}  // namespace convlens
