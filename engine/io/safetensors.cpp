/// The .safetensors format: 8 bytes with the length of a JSON text, the JSON text, which describes the arrays, and the
/// bytes of the arrays. https://huggingface.co/docs/safetensors
#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"

namespace convlens {
namespace {

constexpr std::uint64_t max_header_bytes = 100'000'000;

struct Dtype {
    std::string_view code;
    NumberType type;
};
constexpr std::array<Dtype, 13> dtypes = {{{"F16", NumberType::float16},
                                           {"BF16", NumberType::bfloat16},
                                           {"F32", NumberType::float32},
                                           {"F64", NumberType::float64},
                                           {"I8", NumberType::int8},
                                           {"I16", NumberType::int16},
                                           {"I32", NumberType::int32},
                                           {"I64", NumberType::int64},
                                           {"U8", NumberType::uint8},
                                           {"U16", NumberType::uint16},
                                           {"U32", NumberType::uint32},
                                           {"U64", NumberType::uint64},
                                           {"BOOL", NumberType::boolean}}};

/// One array as described by the header, not yet checked.
struct Entry {
    std::string key;
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::vector<std::int64_t> offsets;
    std::set<std::string> fields;
};

/// Receives the header from the JSON parser token by token and stops at the first token that the format does not allow,
/// so that a malformed header can't fill the memory. Each function returns false to stop the parser; then `problem`
/// contains the reason.
class HeaderReader {
  public:
    std::vector<Entry> entries;
    std::map<std::string, std::string> metadata;
    std::string problem;

    using Json = nlohmann::json;
    bool null() { return unexpected("null"); }
    bool boolean(bool /*value*/) { return unexpected("a boolean"); }
    bool number_float(Json::number_float_t /*value*/, const std::string& text) { return unexpected(text); }
    bool binary(Json::binary_t& /*value*/) { return unexpected("bytes"); }
    bool number_integer(Json::number_integer_t value) {
        return unexpected(fmt::format("the negative number {}", value));
    }
    bool number_unsigned(Json::number_unsigned_t value) {
        if (place_ != Place::list) return unexpected(fmt::format("the number {}", value));
        if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return unexpected(fmt::format("the number {}, which exceeds 2^63", value));
        (field_ == "shape" ? entries.back().shape : entries.back().offsets).push_back(static_cast<std::int64_t>(value));
        return true;
    }
    bool string(std::string& value) {
        if (place_ == Place::metadata) {
            metadata[field_] = value;
        } else if (place_ == Place::entry && field_ == "dtype") {
            entries.back().dtype = value;
        } else {
            return unexpected("the string " + in_quotes(value));
        }
        return true;
    }
    bool start_object(std::size_t /*count*/) {
        if (place_ == Place::begin) {
            place_ = Place::top;
        } else if (place_ == Place::top) {
            place_ = field_ == "__metadata__" ? Place::metadata : Place::entry;
            if (place_ == Place::entry) entries.push_back({field_, {}, {}, {}, {}});
        } else {
            return unexpected("an object");
        }
        return true;
    }
    bool key(std::string& name) {
        field_ = name;
        if (place_ == Place::top) return keys_.insert(name).second || twice();
        if (place_ == Place::metadata) return metadata.emplace(name, "").second || twice();
        if (name != "dtype" && name != "shape" && name != "data_offsets")
            return unexpected(sentence("a field {}", in_quotes(name)));
        return entries.back().fields.insert(name).second || twice();
    }
    bool end_object() {
        const bool complete = place_ != Place::entry || entries.back().fields.size() == 3;
        if (!complete) problem = sentence("{} lacks a dtype, a shape or data_offsets", in_quotes(entries.back().key));
        place_ = place_ == Place::top ? Place::end : Place::top;
        return complete;
    }
    bool start_array(std::size_t /*count*/) {
        if (place_ != Place::entry || field_ == "dtype") return unexpected(sentence("a list"));
        place_ = Place::list;
        return true;
    }
    bool end_array() {
        place_ = Place::entry;
        return true;
    }
    template <class Exception>
    bool parse_error(std::size_t position, const std::string& /*token*/, const Exception& /*exception*/) {
        problem = sentence("the JSON is invalid at byte {}", position);
        return false;
    }

  private:
    enum class Place { begin, top, metadata, entry, list, end };

    bool unexpected(const std::string& what) {
        problem = sentence("{} is not expected in {}", what, in_quotes(place_ == Place::begin ? "" : field_));
        return false;
    }
    bool twice() {
        problem = sentence("{} occurs twice", in_quotes(field_));
        return false;
    }

    Place place_ = Place::begin;
    std::string field_;
    std::set<std::string> keys_;
};

/// Type and position of one array, checked against the size of the file. `begin` and `end` are in bytes from the end of
/// the header.
struct ArrayLocation {
    std::optional<NumberType> type;
    std::string dtype;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

Expected<ArrayLocation> locate(const Entry& entry, std::uint64_t data_bytes, std::string_view name) {
    const std::string key = in_quotes(entry.key);
    if (entry.offsets.size() != 2)
        return fail("{}: {}: expected two data_offsets, found {}", name, key, entry.offsets.size());
    ArrayLocation located;
    located.begin = static_cast<std::uint64_t>(entry.offsets[0]);
    located.end = static_cast<std::uint64_t>(entry.offsets[1]);
    if (located.begin > located.end || located.end > data_bytes)
        return fail("{}: {}: the data at bytes {} to {} does not lie within the {} bytes of data", name, key,
                    located.begin, located.end, data_bytes);
    const auto* dtype =
        std::find_if(dtypes.begin(), dtypes.end(), [&](const Dtype& d) { return d.code == entry.dtype; });
    if (dtype == dtypes.end()) {
        located.dtype = entry.dtype;
        return located;
    }
    located.type = dtype->type;
    located.dtype = name_of(dtype->type);
    const auto size = bytes_of(entry.shape, dtype->type);
    if (!size || *size != located.end - located.begin)
        return fail("{}: {}: {} values of {} take {}, but the offsets leave {} bytes", name, key,
                    shape_text(entry.shape), located.dtype,
                    size ? sentence("{} bytes", *size) : sentence("too many bytes"), located.end - located.begin);
    return located;
}

Expected<void> refuse_overlaps(const std::vector<ArrayLocation>& located, const std::vector<Entry>& entries,
                               std::string_view name) {
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < located.size(); ++i) {
        if (located[i].begin < located[i].end) order.push_back(i);
    }
    std::sort(order.begin(), order.end(), [&](auto a, auto b) { return located[a].begin < located[b].begin; });
    for (std::size_t i = 1; i < order.size(); ++i) {
        if (located[order[i]].begin < located[order[i - 1]].end)
            return fail("{}: the data of {} and {} overlap", name, in_quotes(entries[order[i - 1]].key),
                        in_quotes(entries[order[i]].key));
    }
    return {};
}

}  // namespace

Expected<FoundArrays> parse_safetensors(const Bytes& bytes, std::string_view name) {
    ByteReader reader(bytes.span());
    const auto header_bytes = reader.little<std::uint64_t>();
    if (reader.failed() || header_bytes > max_header_bytes || header_bytes > reader.rest().size())
        return fail("{}: the .safetensors header claims {} bytes: expected at most 100 MB, within the file's {} bytes",
                    name, header_bytes, bytes.span().size());
    const auto text = text_of(reader.take(static_cast<std::size_t>(header_bytes)));
    const auto data = reader.rest();
    HeaderReader header;
    if (!nlohmann::json::sax_parse(text.begin(), text.end(), &header))
        return fail("{}: the .safetensors header can't be parsed: {}", name, header.problem);

    std::vector<ArrayLocation> located;
    for (const Entry& entry : header.entries) {
        auto one = locate(entry, data.size(), name);
        if (!one) return tl::unexpected(one.error());
        located.push_back(std::move(*one));
    }
    if (auto distinct = refuse_overlaps(located, header.entries, name); !distinct) {
        return tl::unexpected(distinct.error());
    }
    FoundArrays found;
    found.metadata = std::move(header.metadata);
    for (std::size_t i = 0; i < located.size(); ++i) {
        const Entry& entry = header.entries[i];
        const auto load = [bytes, data, at = located[i], shape = entry.shape,
                           where = fmt::format("{}: {}", name, in_quotes(entry.key))]() -> Expected<Array> {
            if (!at.type)
                return fail("{}: expected real numbers of at most 64 bits, found dtype {}", where, in_quotes(at.dtype));
            Array array{shape, std::vector<float>(static_cast<std::size_t>(at.end - at.begin) / size_bytes(*at.type))};
            convert_to_float(data.subspan(static_cast<std::size_t>(at.begin)), *at.type, false, array.values);
            return array;
        };
        found.arrays.push_back({{entry.key, located[i].dtype, entry.shape}, load});
    }
    return found;
}

std::vector<std::byte> encode_safetensors(const std::vector<std::pair<std::string, ArrayView>>& arrays,
                                          const std::map<std::string, std::string>& metadata) {
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::uint64_t at = 0;
    for (const auto& [key, array] : arrays) {
        const std::uint64_t end = at + array.values.size_bytes();
        header[key] = {{"dtype", "F32"}, {"shape", array.shape}, {"data_offsets", {at, end}}};
        at = end;
    }
    std::string text = header.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    constexpr std::size_t alignment = 8;  // Of the first value: the header is padded with spaces.
    text.append((alignment - text.size() % alignment) % alignment, ' ');
    std::vector<std::byte> bytes;
    bytes.reserve(sizeof(std::uint64_t) + text.size() + static_cast<std::size_t>(at));
    for (unsigned shift = 0; shift < 64; shift += 8)
        bytes.push_back(static_cast<std::byte>(std::uint64_t{text.size()} >> shift & 255U));
    for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
    for (const auto& [key, array] : arrays) append_little(array.values, bytes);
    return bytes;
}

}  // namespace convlens
