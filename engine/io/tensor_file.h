/// Array files: reading (.npy, .npz, .safetensors, .onnx, PyTorch's .pth) and encoding (.npy, .npz, .safetensors).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/io/file.h"

namespace convlens {

/// One array of a file, as its header describes it.
struct ArrayInfo {
    std::string key;    ///< Name in the file; empty for the only array of a .npy file.
    std::string dtype;  ///< NumPy's name of the type: "float32", "float16", "bfloat16", "float64", "uint8", "int64",
                        ///< ... For a type that can't be loaded, NumPy's name or the file's own.
    std::vector<std::int64_t> shape;  ///< Outermost axis first; empty for a scalar.
};

/// The values of one array as float32 in C order (last index fastest), whatever order and type the file has.
struct Array {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// Formats `shape` as "64x3x11x11"; "scalar" for an empty shape.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// An opened file of arrays. Its headers have been read and checked against the size of the file; values are read and
/// converted by load(). Copies share the file.
class TensorFile {
  public:
    /// Opens the file at `path`, which may be inside a zip archive (see read_part()). The format is detected from the
    /// first bytes; the extension .safetensors matters only if they do not tell the format; .onnx always does. Fails
    /// with one sentence that names the file. Sizes in the header are checked before memory is allocated.
    static Expected<TensorFile> open(const std::filesystem::path& path);

    /// Opens an array file whose bytes are in memory. `name` is the name of the file, for messages and for its
    /// extension. `folder` is where the external data of an ONNX file may be; empty if there is none.
    static Expected<TensorFile> parse(Bytes bytes, std::string_view name, const std::filesystem::path& folder = {});

    /// Returns the descriptions of all arrays, in file order.
    const std::vector<ArrayInfo>& arrays() const { return arrays_; }

    /// Returns the "__metadata__" strings of a .safetensors file, and those of parse_onnx(); empty for other formats.
    const std::map<std::string, std::string>& metadata() const { return metadata_; }

    /// Returns the array named `key`; if there is none, the array named "module.KEY", as in checkpoints of
    /// torch.nn.DataParallel. Returns null if neither exists.
    const ArrayInfo* find(std::string_view key) const;

    /// Returns the values of the array that find(key) returns. Fails if there is none (the message names some existing
    /// ones), if its dtype is not a real number, or if its data is corrupt.
    Expected<Array> load(const std::string& key) const;

  private:
    friend struct TensorFileParts;
    std::string name_;
    std::vector<ArrayInfo> arrays_;
    std::map<std::string, std::string> metadata_;
    std::vector<std::function<Expected<Array>()>> loaders_;  ///< One per entry of arrays_.
    Bytes bytes_;                                            ///< The file; empty if it was parsed from parts.
};

/// An array to be written, in C order. The values must outlive this object.
struct ArrayView {
    std::vector<std::int64_t> shape;
    std::span<const float> values;  ///< The number of values is the product of `shape`.

    ArrayView(std::vector<std::int64_t> shape_, std::span<const float> values_)
        : shape(std::move(shape_)), values(values_) {}

    /// Makes an array of four axes (N, C, H, W).
    ArrayView(const Tensor& tensor)  // NOLINT: a tensor is an array
        : shape{tensor.shape().n, tensor.shape().c, tensor.shape().h, tensor.shape().w}, values(tensor.values()) {}
};

/// Returns the bytes of a .npy file (format version 1.0, '<f4', C order).
std::vector<std::byte> encode_npy(const ArrayView& array);

/// Returns the bytes of an uncompressed .npz file that holds each array under its name. Fails if `arrays` is empty or
/// libzip fails.
Expected<std::vector<std::byte>> encode_npz(const std::vector<std::pair<std::string, ArrayView>>& arrays);

/// Returns the bytes of a .safetensors file that holds each array as F32 under its name, and the strings of `metadata`.
/// https://huggingface.co/docs/safetensors
std::vector<std::byte> encode_safetensors(const std::vector<std::pair<std::string, ArrayView>>& arrays,
                                          const std::map<std::string, std::string>& metadata);

}  // namespace convlens
