/// Array files: detection of the format, arrays by name, and .npy encoding.
#include "engine/io/tensor_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <new>
#include <set>

#include "engine/core/memory_limit.h"
#include "engine/core/sentence.h"
#include "engine/io/array_formats.h"
#include "engine/io/byte_reader.h"
#include "engine/io/onnx.h"
#include "engine/io/pth_format.h"
#include "engine/io/zip_archive.h"

namespace convlens {
namespace {

/// Returns the folder of the file at `path`; "." for a name without one.
std::filesystem::path folder_of(const std::filesystem::path& path) {
    return path.has_parent_path() ? path.parent_path() : ".";
}

constexpr std::string_view formats = ".npy, .npz, .safetensors, .onnx and PyTorch's .pth";

bool has_extension(std::string_view name, std::string_view extension) {
    if (name.size() < extension.size()) return false;
    const std::string_view end = name.substr(name.size() - extension.size());
    return std::equal(end.begin(), end.end(), extension.begin(),
                      [](unsigned char a, char b) { return std::tolower(a) == b; });
}

/// Returns true for the tar archives that PyTorch 0.1 wrote: a tar header has the word "ustar" at byte 257.
bool is_tar(std::span<const std::byte> bytes) {
    constexpr std::size_t word_begin = 257;
    constexpr std::string_view word = "ustar";
    return bytes.size() >= word_begin + word.size() && begins_with(bytes.subspan(word_begin), word);
}

Expected<FoundArrays> parse_zip(const Bytes& bytes, std::string_view name) {
    const auto archive = ZipArchive::open(bytes, name);
    if (!archive) return tl::unexpected(archive.error());
    if (const auto pickle = pth_pickle_entry(*archive)) return parse_pth_zip(bytes, *archive, *pickle, name);
    return parse_npz(bytes, *archive, name);
}

Expected<FoundArrays> parse_any(const Bytes& bytes, std::string_view name, const std::filesystem::path& folder) {
    const auto begin = bytes.span();
    if (begin.empty()) return fail("{}: expected a file of arrays ({}), but it is empty", name, formats);
    if (has_extension(name, ".onnx")) return parse_onnx(bytes, name, folder);
    if (begin.size() >= 6 && begins_with(begin, "\x93NUMPY")) return parse_npy(bytes, name);
    if (begin.size() >= 4 && (begins_with(begin, "PK\x03\x04") || begins_with(begin, "PK\x05\x06")))
        return parse_zip(bytes, name);
    // A .safetensors file begins with the length of a JSON object, which begins with a brace.
    if ((begin.size() > 8 && begin[8] == std::byte{'{'}) || has_extension(name, ".safetensors"))
        return parse_safetensors(bytes, name);
    if (begin[0] == std::byte{0x80}) return parse_pth_legacy(bytes, name);  // PROTO, a pickle's first opcode.
    if (is_tar(begin))
        return fail("{}: this is a tar archive of PyTorch 0.1: load it in PyTorch and save it again", name);
    std::string first;
    for (const std::byte b : begin.first(std::min<std::size_t>(begin.size(), 6)))
        first += fmt::format(" {:02x}", std::to_integer<unsigned>(b));
    return fail("{}: expected a file of arrays ({}), but its first bytes are{}", name, formats, first);
}

/// Returns true if `key` is "module." + `asked`: torch.nn.DataParallel adds this prefix.
bool follows_module(std::string_view key, std::string_view asked) {
    constexpr std::string_view prefix = "module.";
    return key.starts_with(prefix) && key.substr(prefix.size()) == asked;
}

}  // namespace

/// Builds a TensorFile from the result of a parser.
struct TensorFileParts {
    static Expected<TensorFile> assemble(FoundArrays found, std::string_view name) {
        TensorFile file;
        file.name_ = name;
        file.metadata_ = std::move(found.metadata);
        std::set<std::string> keys;
        for (FoundArray& array : found.arrays) {
            if (!keys.insert(array.info.key).second)
                return fail("{}: the array {} occurs twice", name, in_quotes(array.info.key));
            file.arrays_.push_back(std::move(array.info));
            file.loaders_.push_back(std::move(array.load));
        }
        return file;
    }
};

std::string shape_text(const std::vector<std::int64_t>& shape) {
    return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

std::vector<float> in_c_order(std::vector<float> values, const std::vector<std::int64_t>& shape,
                              const std::vector<std::uint64_t>& strides) {
    std::size_t count = 1;
    bool in_order = true;
    for (std::size_t d = shape.size(); d-- > 0;) {
        in_order = in_order && (shape[d] == 1 || strides[d] == count);
        count *= static_cast<std::size_t>(shape[d]);
    }
    if (in_order || count == 0) return values;
    std::vector<std::int64_t> index(shape.size(), 0);
    std::vector<float> ordered(count);
    std::size_t from = 0;
    for (float& value : ordered) {
        value = values[from];
        for (std::size_t d = index.size(); d-- > 0;) {
            from += strides[d];
            if (++index[d] < shape[d]) break;
            from -= strides[d] * static_cast<std::size_t>(shape[d]);
            index[d] = 0;
        }
    }
    return ordered;
}

std::string in_quotes(std::string_view text) { return '"' + printable(text, 80) + '"'; }

Expected<TensorFile> TensorFile::open(const std::filesystem::path& path) {
    constexpr std::size_t max_part_bytes = std::size_t{2} << 30U;
    const bool in_archive = is_in_archive(path);
    auto bytes = in_archive ? read_part(path, max_part_bytes) : Bytes::map_file(path);
    if (!bytes) return tl::unexpected(bytes.error());
    return parse(std::move(*bytes), path.filename().string(), in_archive ? std::filesystem::path() : folder_of(path));
}

Expected<TensorFile> TensorFile::parse(Bytes bytes, std::string_view name, const std::filesystem::path& folder) {
    try {
        auto found = parse_any(bytes, name, folder);
        if (!bytes.intact()) return fail("{}: the file was shortened while it was read", name);
        if (!found) return tl::unexpected(found.error());
        auto file = TensorFileParts::assemble(std::move(*found), name);
        if (file) file->bytes_ = std::move(bytes);
        return file;
    } catch (const std::bad_alloc&) {
        return fail("{}: there is not enough memory for its list of arrays", name);
    }
}

const ArrayInfo* TensorFile::find(std::string_view key) const {
    auto found = std::find_if(arrays_.begin(), arrays_.end(), [&](const ArrayInfo& a) { return a.key == key; });
    if (found == arrays_.end())
        found = std::find_if(arrays_.begin(), arrays_.end(),
                             [&](const ArrayInfo& a) { return follows_module(a.key, key); });
    return found == arrays_.end() ? nullptr : &*found;
}

Expected<Array> TensorFile::load(const std::string& key) const {
    if (const ArrayInfo* info = find(key)) {
        std::size_t needed = sizeof(float);
        for (const std::int64_t extent : info->shape) needed *= static_cast<std::size_t>(extent);
        if (needed > memory_limit() / 2)
            return fail("{}: the array {} needs {}, more than half of the memory limit ({}); --memory sets it", name_,
                        in_quotes(info->key), bytes_in_words(needed), bytes_in_words(memory_limit()));
        try {
            auto array = loaders_[static_cast<std::size_t>(info - arrays_.data())]();
            if (!bytes_.intact()) return fail("{}: the file was shortened while it was read", name_);
            return array;
        } catch (const std::bad_alloc&) {
            return fail("{}: there is not enough memory for {} values ({})", name_, shape_text(info->shape),
                        memory_in_words());
        }
    }
    constexpr std::size_t named = 5;
    std::string there;
    for (std::size_t i = 0; i < std::min(arrays_.size(), named); ++i)
        there += (i > 0 ? ", " : "") + in_quotes(arrays_[i].key);
    if (arrays_.size() > named) there += sentence(" and {} more", arrays_.size() - named);
    return fail("{}: there is no array {}; the file has {}", name_, in_quotes(key),
                there.empty() ? sentence("none") : there);
}

std::vector<std::byte> encode_npy(const ArrayView& array) {
    std::string text = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                   fmt::join(array.shape, ", "), array.shape.size() == 1 ? "," : "");
    constexpr std::size_t before_text = 10;
    constexpr std::size_t alignment = 64;  // Of the first value, as in files that NumPy writes.
    text.append(alignment - 1 - (before_text + text.size()) % alignment, ' ');
    text += '\n';
    const std::string head = fmt::format("\x93NUMPY{}{}{}{}{}", '\x01', '\0', static_cast<char>(text.size() & 255U),
                                         static_cast<char>(text.size() >> 8U), text);
    std::vector<std::byte> bytes;
    bytes.reserve(head.size() + array.values.size_bytes());
    for (const char c : head) bytes.push_back(static_cast<std::byte>(c));
    append_little(array.values, bytes);
    return bytes;
}

void append_little(std::span<const float> values, std::vector<std::byte>& bytes) {
    std::size_t at = bytes.size();
    bytes.resize(at + values.size_bytes());
    for (const float value : values) {
        const auto raw = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) bytes[at++] = static_cast<std::byte>(raw >> shift & 255U);
    }
}

}  // namespace convlens
