/// Parsers of the array formats that TensorFile reads, and the results of these parsers.
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

/// The contents of a file of arrays.
struct FoundArrays {
    std::vector<FoundArray> arrays;
    /// The "__metadata__" strings of a .safetensors file, and those of parse_onnx(); empty for other formats.
    std::map<std::string, std::string> metadata;
};

/// The header of a .npy file.
struct NpyHeader {
    std::string dtype;  ///< NumPy's name of the type, also if it can't be converted: "float32", "complex64", "object";
                        ///< "structured" for a structured dtype.
    std::optional<NumberType> type;   ///< nullopt if the values can't be converted to float32.
    bool big_endian = false;          ///< Whether the values are stored in big-endian order.
    bool fortran_order = false;       ///< True if the first index is fastest, false if the last one is (C order).
    std::vector<std::int64_t> shape;  ///< Outermost axis first; empty for a scalar.
    std::uint64_t data_begin = 0;     ///< Offset of the first value in bytes.
    std::uint64_t data_bytes = 0;     ///< Size of all values in bytes; 0 if `type` is nullopt.
};

/// Number of bytes at the start of a .npy file from which npy_data_begin() determines the length of the header: magic
/// string, version and length.
inline constexpr std::size_t npy_preamble_bytes = 12;

/// Returns the offset of the first value in bytes. `preamble` holds the first npy_preamble_bytes bytes of the file, or
/// all bytes of a shorter file. Fails if these bytes do not begin a .npy file of version 1.0, 2.0 or 3.0, or if the
/// header has more than 1 MiB. `name` is the name of the file in messages.
Expected<std::uint64_t> npy_data_begin(std::span<const std::byte> preamble, std::string_view name);

/// Parses the header of a .npy file of `file_bytes` bytes. `bytes` holds the whole file, or only its beginning with the
/// complete header. Fails if the header is invalid or if the file is too short for the values that the header
/// describes. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
Expected<NpyHeader> parse_npy_header(std::span<const std::byte> bytes, std::uint64_t file_bytes, std::string_view name);

/// Returns the values described by `header` as float32 in C order; `data` holds header.data_bytes bytes. Fails if
/// header.type is nullopt.
Expected<Array> load_npy(const NpyHeader& header, std::span<const std::byte> data, std::string_view name);

/// Return the arrays of a .npy, .npz or .safetensors file. All sizes in headers are checked against the size of the
/// file. `archive` is `bytes` opened as a zip archive; `name` is the name of the file in messages.
Expected<FoundArrays> parse_npy(const Bytes& bytes, std::string_view name);
Expected<FoundArrays> parse_npz(const Bytes& bytes, const ZipArchive& archive, std::string_view name);
Expected<FoundArrays> parse_safetensors(const Bytes& bytes, std::string_view name);

/// Returns the values of an array of `shape` in C order (last index fastest). The value at index (i, j, ...) is at i *
/// strides[0] + j * strides[1] + ... in `values`: strides count values, not bytes.
std::vector<float> in_c_order(std::vector<float> values, const std::vector<std::int64_t>& shape,
                              const std::vector<std::uint64_t>& strides);

/// Appends `values` to `bytes` as little-endian float32.
void append_little(std::span<const float> values, std::vector<std::byte>& bytes);

/// Returns `text` in quotation marks for use in messages: made printable() and cut after 80 bytes.
std::string in_quotes(std::string_view text);

}  // namespace convlens
