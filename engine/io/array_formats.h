/// The array formats behind TensorFile: parsers and their results.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/file.h"
#include "engine/io/number_type.h"
#include "engine/io/tensor_file.h"

namespace convlens {

class ZipArchive;

/// One array of a file: its description and a function that loads its values.
struct FoundArray {
    ArrayInfo info;
    std::function<Expected<Array>()> load;
};

/// Everything that a file contains.
struct FoundArrays {
    std::vector<FoundArray> arrays;
    std::map<std::string, std::string> metadata;
};

/// The header of a .npy file.
struct NpyHeader {
    std::string dtype;               ///< NumPy's name, also for types that can't be converted: "complex64", "object".
    std::optional<NumberType> type;  ///< nullopt if the values are not real numbers.
    bool big_endian = false;
    bool fortran_order = false;
    std::vector<std::int64_t> shape;
    std::uint64_t data_begin = 0;  ///< Offset of the first value.
    std::uint64_t data_bytes = 0;  ///< Bytes of all values; 0 if `type` is nullopt.
};

/// Number of bytes at the start of a .npy file that specify the length of the header's text.
inline constexpr std::size_t npy_preamble_bytes = 12;

/// Returns the offset of the first value. `preamble` holds the first npy_preamble_bytes bytes of the file, or all bytes
/// of a shorter file. Fails for a header of more than 1 MB. `name` is used in messages.
Expected<std::uint64_t> npy_data_begin(std::span<const std::byte> preamble, std::string_view name);

/// Parses the header at the beginning of `bytes`. The whole array has `file_bytes` bytes; `bytes` may be only the
/// beginning of it. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
Expected<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, std::string_view name);

/// Returns the values described by `header`; `data` holds header.data_bytes bytes.
Expected<Array> load_npy(const NpyHeader& header, std::span<const std::byte> data, std::string_view name);

/// Parsers of the formats. Each checks every header against the size of the file; `name` is used in messages.
Expected<FoundArrays> parse_npy(const Bytes& bytes, std::string_view name);
Expected<FoundArrays> parse_npz(const Bytes& bytes, const ZipArchive& archive, std::string_view name);
Expected<FoundArrays> parse_safetensors(const Bytes& bytes, std::string_view name);

/// Returns the values in C order (last index fastest). The value at index (i, j, ...) is at i * strides[0] + j *
/// strides[1] + ... in `values`.
std::vector<float> in_c_order(std::vector<float> values, const std::vector<std::int64_t>& shape,
                              const std::vector<std::uint64_t>& strides);

/// Appends the values as little-endian float32.
void append_little(std::span<const float> values, std::vector<std::byte>& bytes);

/// Returns `text` in quotation marks, shortened and with control characters replaced, for use in messages.
std::string in_quotes(std::string_view text);

}  // namespace convlens
