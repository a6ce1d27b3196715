/// Arrays in (.npy, .npz, .safetensors, PyTorch's .pth) and out (.npy, .npz).
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
    std::string key;                  ///< Name in the file; "" for the only array of a .npy.
    std::string dtype;                ///< "float32", "float16", "bfloat16", "float64", "uint8", "int64", ...
    std::vector<std::int64_t> shape;  ///< Outermost first; empty for a scalar.
};

/// Values of one array as float32, contiguous in C order whatever the file's order and type were.
struct Array {
    std::vector<std::int64_t> shape;
    std::vector<float> values;
};

/// "64x3x11x11"; "scalar" for an empty shape.
std::string shape_text(const std::vector<std::int64_t>& shape);

/// An opened file of arrays. Headers have been read and checked against the file's size; values are converted
/// when asked for. Copies share the file.
class TensorFile {
  public:
    /// Opens the file at `path`, which may lead into a zip archive as for read_part(); what it is is told by its first
    /// bytes, not by its name. Fails in one sentence that names the file, without allocating what a lying header
    /// announces.
    static Expected<TensorFile> open(const std::filesystem::path& path);

    /// The same for bytes at hand; `name` is used in messages.
    static Expected<TensorFile> parse(Bytes bytes, std::string_view name);

    /// Every array, in the file's order.
    const std::vector<ArrayInfo>& arrays() const { return arrays_; }

    /// The "__metadata__" strings of a .safetensors file; empty for other formats.
    const std::map<std::string, std::string>& metadata() const { return metadata_; }

    /// The array named `key`, or else the one named "module." and `key`, as in checkpoints of
    /// torch.nn.DataParallel; null where there is neither.
    const ArrayInfo* find(std::string_view key) const;

    /// The values of the array that find(key) gives. Fails when there is none (and names some that are
    /// there), when its dtype is no real number, or its data is corrupt.
    Expected<Array> load(const std::string& key) const;

  private:
    friend struct TensorFileParts;
    std::string name_;
    std::vector<ArrayInfo> arrays_;
    std::map<std::string, std::string> metadata_;
    std::vector<std::function<Expected<Array>()>> loaders_;  ///< One for each of arrays_.
};

/// An array to be written, C order. The values must outlive it.
struct ArrayView {
    std::vector<std::int64_t> shape;
    std::span<const float> values;  ///< As many as the product of `shape`.

    ArrayView(std::vector<std::int64_t> shape_, std::span<const float> values_)
        : shape(std::move(shape_)), values(values_) {}

    /// All four extents of the tensor.
    ArrayView(const Tensor& tensor)  // NOLINT: a tensor is an array
        : shape{tensor.shape().n, tensor.shape().c, tensor.shape().h, tensor.shape().w}, values(tensor.values()) {}
};

/// The bytes of a .npy file (format version 1.0, '<f4', C order).
std::vector<std::byte> encode_npy(const ArrayView& array);

/// The bytes of an uncompressed .npz holding each array under its name.
Expected<std::vector<std::byte>> encode_npz(const std::vector<std::pair<std::string, ArrayView>>& arrays);

/// The bytes of a .safetensors file holding each array as F32 under its name, and the strings of `metadata`.
/// https://huggingface.co/docs/safetensors
std::vector<std::byte> encode_safetensors(const std::vector<std::pair<std::string, ArrayView>>& arrays,
                                          const std::map<std::string, std::string>& metadata);

}  // namespace convlens
