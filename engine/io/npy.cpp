/// NumPy's .npy format, versions 1.0, 2.0 and 3.0.
#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <utility>

#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"

namespace convlens {
namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr std::uint64_t max_header_bytes = 1U << 20U;
constexpr std::size_t max_rank = 8;

/// Reads the text of a header, a Python dict of literals: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }.
/// After the first syntax error, failed() is true and the results of the other functions are meaningless.
class DictReader {
  public:
    explicit DictReader(std::string_view text) : text_(text) {}

    bool failed() const { return failed_; }

    /// Skips blanks and, if it follows, `c`. Returns true if `c` followed.
    bool accept(char c) {
        skip_blanks();
        if (failed_ || text_.empty() || text_[0] != c) return false;
        text_.remove_prefix(1);
        return true;
    }

    void expect(char c) {
        if (!accept(c)) failed_ = true;
    }

    bool at_end() {
        skip_blanks();
        return text_.empty();
    }

    std::string_view string() {
        const char quote = accept('\'') ? '\'' : '"';
        if (quote == '"') expect('"');
        const std::size_t end = text_.find(quote);
        if (end == std::string_view::npos) failed_ = true;
        if (failed_) return {};
        const std::string_view value = text_.substr(0, end);
        text_.remove_prefix(end + 1);
        return value;
    }

    bool boolean() {
        const bool value = accept('T');
        if (!value) expect('F');
        const std::string_view rest = value ? "rue" : "alse";
        if (!text_.starts_with(rest)) failed_ = true;
        if (!failed_) text_.remove_prefix(rest.size());
        return value;
    }

    /// Reads a tuple of integers.
    std::vector<std::int64_t> tuple() {
        std::vector<std::int64_t> values;
        expect('(');
        while (!failed_ && !accept(')')) {
            std::int64_t value = 0;
            const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
            if (error != std::errc()) failed_ = true;
            if (failed_) return {};
            text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
            values.push_back(value);
            accept('L');  // Python 2 wrote long integers this way.
            if (!accept(',') && !text_.starts_with(')')) failed_ = true;
        }
        return values;
    }

    /// Returns true if a list begins here, as in a structured dtype.
    bool at_list() { return accept('['); }

  private:
    void skip_blanks() { text_.remove_prefix(std::min(text_.find_first_not_of(" \t\n"), text_.size())); }

    std::string_view text_;
    bool failed_ = false;
};

/// The values of the keys descr, fortran_order and shape.
struct Dict {
    std::string descr;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
    bool structured = false;  ///< Whether descr is a list: the dtype is structured.
};

Expected<Dict> parse_dict(std::string_view text, std::string_view name) {
    DictReader reader(text);
    Dict dict;
    std::array<bool, 3> seen{};
    reader.expect('{');
    while (!reader.failed() && !reader.accept('}')) {
        const std::string_view key = reader.string();
        reader.expect(':');
        const std::size_t which = key == "descr" ? 0 : key == "fortran_order" ? 1 : 2;
        if (reader.failed()) break;
        if ((which == 2 && key != "shape") || seen[which])
            return fail("{}: the .npy header should have the keys descr, fortran_order and shape once each, but has {}",
                        name, in_quotes(key));
        seen[which] = true;
        if (which == 0 && reader.at_list()) {
            dict.structured = true;  // The rest of the header is not needed then.
            return dict;
        }
        if (which == 0) dict.descr = reader.string();
        if (which == 1) dict.fortran_order = reader.boolean();
        if (which == 2) dict.shape = reader.tuple();
        if (!reader.accept(',')) {
            reader.expect('}');
            break;
        }
    }
    if (reader.failed() || !reader.at_end())
        return fail("{}: the .npy header is not a dict of descr, fortran_order and shape: {}", name, in_quotes(text));
    for (std::size_t i = 0; i < seen.size(); ++i) {
        constexpr std::array<const char*, 3> keys = {"descr", "fortran_order", "shape"};
        if (!seen[i]) return fail("{}: the .npy header has no {}", name, keys[i]);
    }
    return dict;
}

/// Returns NumPy's name of a type that does not hold real numbers. `kind` is the letter of the type in descr, `size`
/// the number after the letter. Empty if NumPy has no such type.
std::string word_for(char kind, std::string_view size) {
    switch (kind) {
        case 'O': return "object";
        case 'S':
        case 'a': return "bytes";
        case 'U': return "str";
        case 'V': return "void";
        case 'M': return "datetime64";
        case 'm': return "timedelta64";
        case 'c': return size == "8" ? "complex64" : size == "16" ? "complex128" : "complex";
        default: return "";
    }
}

/// Parses descr, such as "<f4": byte order, letter of the type, size in bytes. Returns false for text that NumPy would
/// not have written.
bool parse_descr(std::string_view descr, NpyHeader& header) {
    struct Code {
        std::string_view code;
        NumberType type;
    };
    static constexpr std::array<Code, 13> codes = {{{"f2", NumberType::float16},
                                                    {"f4", NumberType::float32},
                                                    {"f8", NumberType::float64},
                                                    {"i1", NumberType::int8},
                                                    {"i2", NumberType::int16},
                                                    {"i4", NumberType::int32},
                                                    {"i8", NumberType::int64},
                                                    {"u1", NumberType::uint8},
                                                    {"u2", NumberType::uint16},
                                                    {"u4", NumberType::uint32},
                                                    {"u8", NumberType::uint64},
                                                    {"b1", NumberType::boolean},
                                                    {"?", NumberType::boolean}}};
    if (descr.empty()) return false;
    if (std::string_view("<>|=").find(descr[0]) != std::string_view::npos) {
        header.big_endian = descr[0] == '>';
        descr.remove_prefix(1);
    }
    for (const Code& c : codes) {
        if (c.code != descr) continue;
        header.type = c.type;
        header.dtype = name_of(c.type);
        return true;
    }
    if (descr.empty()) return false;
    header.dtype = word_for(descr[0], descr.substr(1));
    if (descr == "f12" || descr == "f16") header.dtype = "longdouble";
    return !header.dtype.empty();
}

/// Returns the strides, counted in values, of an array in Fortran order: the first index is fastest.
std::vector<std::uint64_t> fortran_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::uint64_t> strides(shape.size(), 1);
    for (std::size_t d = 1; d < strides.size(); ++d)
        strides[d] = strides[d - 1] * static_cast<std::uint64_t>(shape[d - 1]);
    return strides;
}

}  // namespace

Expected<std::uint64_t> npy_data_begin(std::span<const std::byte> preamble, std::string_view name) {
    if (!begins_with(preamble, magic) || preamble.size() < magic.size())
        return fail("{}: expected a .npy array, but it does not begin with \\x93NUMPY", name);
    ByteReader reader(preamble.subspan(magic.size()));
    const int major = reader.byte();
    const int minor = reader.byte();
    const std::uint64_t length = major == 1 ? reader.little<std::uint16_t>() : reader.little<std::uint32_t>();
    if (reader.failed()) return fail("{}: the file ends within the .npy header", name);
    if (major < 1 || major > 3 || minor != 0)
        return fail("{}: expected .npy version 1.0, 2.0 or 3.0, found {}.{}", name, major, minor);
    if (length > max_header_bytes)
        return fail("{}: the .npy header claims {} bytes, more than {}", name, length, max_header_bytes);
    return magic.size() + reader.offset() + length;
}

Expected<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes,
                                     std::string_view name) {
    const auto begin = npy_data_begin(bytes.first(std::min(bytes.size(), npy_preamble_bytes)), name);
    if (!begin) return tl::unexpected(begin.error());
    if (*begin > bytes.size() || *begin > file_bytes) return fail("{}: the file ends within the .npy header", name);
    const std::size_t text_begin = bytes[magic.size()] == std::byte{1} ? 10 : 12;
    auto dict = parse_dict(text_of(bytes.subspan(text_begin, static_cast<std::size_t>(*begin) - text_begin)), name);
    if (!dict) return tl::unexpected(dict.error());
    NpyHeader header;
    header.data_begin = *begin;
    header.fortran_order = dict->fortran_order;
    header.shape = std::move(dict->shape);
    if (dict->structured) {
        header.dtype = "structured";
        return header;
    }
    if (!parse_descr(dict->descr, header)) return fail("{}: unknown dtype {}", name, in_quotes(dict->descr));
    if (header.shape.size() > max_rank)
        return fail("{}: expected at most {} dimensions, found {}", name, max_rank, header.shape.size());
    const auto negative = std::find_if(header.shape.begin(), header.shape.end(), [](auto e) { return e < 0; });
    if (negative != header.shape.end()) return fail("{}: the shape has the negative extent {}", name, *negative);
    if (!header.type) return header;
    const auto size = bytes_of(header.shape, *header.type);
    if (!size || *size > file_bytes - *begin)
        return fail("{}: the header announces {} values of {} ({}), but only {} bytes follow", name,
                    shape_text(header.shape), header.dtype,
                    size ? sentence("{} bytes", *size) : sentence("too many bytes"), file_bytes - *begin);
    header.data_bytes = *size;
    return header;
}

Expected<Array> load_npy(const NpyHeader& header, std::span<const std::byte> data, std::string_view name) {
    if (!header.type) return fail("{}: expected real numbers of at most 64 bits, found dtype {}", name, header.dtype);
    Array array;
    array.shape = header.shape;
    array.values.resize(data.size() / size_bytes(*header.type));
    convert_to_float(data, *header.type, header.big_endian, array.values);
    if (header.fortran_order)
        array.values = in_c_order(std::move(array.values), header.shape, fortran_strides(header.shape));
    return array;
}

Expected<FoundArrays> parse_npy(const Bytes& bytes, std::string_view name) {
    auto header = parse_npy_header(bytes.span(), bytes.span().size(), name);
    if (!header) return tl::unexpected(header.error());
    FoundArrays found;
    const ArrayInfo info{"", header->dtype, header->shape};
    const auto load = [bytes, header = std::move(*header), name = std::string(name)] {
        const auto data = bytes.span().subspan(static_cast<std::size_t>(header.data_begin));
        return load_npy(header, data.first(static_cast<std::size_t>(header.data_bytes)), name);
    };
    found.arrays.push_back({info, load});
    return found;
}

}  // namespace convlens
