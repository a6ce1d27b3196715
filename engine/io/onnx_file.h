/// The messages of an ONNX file, as far as Convlens reads them. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/io/file.h"
#include "engine/io/tensor_file.h"

namespace convlens {

/// Numbers of the fields in the messages.
namespace onnx_field {

enum Model : std::uint32_t { ir_version = 1, producer = 2, graph = 7, opset_import = 8, metadata = 14 };
enum OperatorSet : std::uint32_t { set_domain = 1, set_version = 2 };
enum Entry : std::uint32_t { entry_key = 1, entry_value = 2 };
enum Graph : std::uint32_t {
    node = 1,
    graph_name = 2,
    initializer = 5,
    input = 11,
    output = 12,
    sparse_initializer = 15
};
enum Node : std::uint32_t {
    node_input = 1,
    node_output = 2,
    node_name = 3,
    op_type = 4,
    attribute = 5,
    node_domain = 7
};
enum Attribute : std::uint32_t {
    attribute_name = 1,
    attribute_f = 2,
    attribute_i = 3,
    attribute_s = 4,
    attribute_t = 5,
    attribute_floats = 7,
    attribute_ints = 8,
    attribute_type = 20
};
enum Tensor : std::uint32_t {
    tensor_dims = 1,
    tensor_type = 2,
    float_data = 4,
    int32_data = 5,
    int64_data = 7,
    tensor_name = 8,
    raw_data = 9,
    double_data = 10,
    uint64_data = 11,
    external_data = 13,
    data_location = 14
};
enum Value : std::uint32_t {
    value_name = 1,
    value_type = 2,
    type_tensor = 1,
    type_shape = 2,
    shape_dim = 1,
    dim_value = 1
};

}  // namespace onnx_field

/// An array of numbers in the file, or beside it.
struct OnnxTensor {
    std::string_view name;
    std::int64_t type = 0;            ///< The number of a TensorProto.DataType: 1 for float32, 7 for int64.
    std::vector<std::int64_t> shape;  ///< Outermost axis first, none negative; empty for a scalar.
    std::span<const std::byte> message;
    std::string_view location;  ///< Name of the file of external data; empty if the values are in `message`.
    std::uint64_t offset = 0;   ///< First byte of the values in the file of external data.

    /// Returns the number of values, the product of `shape`.
    std::uint64_t count() const;
    /// Returns NumPy's name of the type, or "type 8".
    std::string dtype() const;
};

/// A node of the graph. Its attributes are read when they are asked for.
struct OnnxNode {
    std::string_view name, type, domain;
    std::vector<std::string_view> inputs, outputs;  ///< An empty name stands for an input that is left out.
    std::span<const std::byte> message;

    /// Returns the name of input i; empty if there is none.
    std::string_view input(std::size_t i) const { return i < inputs.size() ? inputs[i] : std::string_view(); }

    /// Return the value of an attribute; nullopt if the node has no such attribute of that type.
    std::optional<std::int64_t> integer(std::string_view attribute) const;
    std::optional<float> real(std::string_view attribute) const;
    std::optional<std::string_view> text(std::string_view attribute) const;
    std::optional<std::vector<std::int64_t>> integers(std::string_view attribute) const;
    std::optional<std::vector<float>> reals(std::string_view attribute) const;
    std::optional<std::span<const std::byte>> tensor(std::string_view attribute) const;
};

/// An input of the graph.
struct OnnxInput {
    std::string_view name;
    std::optional<std::vector<std::int64_t>> shape;  ///< -1 where the size is not fixed; nullopt if the file has none.
};

/// An ONNX file. All views are of `bytes`.
struct OnnxFile {
    Bytes bytes;
    std::string name;              ///< Name of the file in messages.
    std::filesystem::path folder;  ///< The folder of external data; empty if there can be none.
    std::int64_t opset = 0;        ///< Version of the operators of the domain "ai.onnx".
    std::string_view producer, graph_name;
    std::map<std::string, std::string, std::less<>> metadata;
    std::vector<OnnxNode> nodes;
    std::vector<OnnxTensor> tensors;
    std::vector<OnnxInput> inputs;          ///< Those without values in `tensors`.
    std::vector<std::string_view> outputs;  ///< Names of the outputs.

    /// Returns the values of `tensor` as float32. Fails with a sentence if there are fewer or more than its shape
    /// says, if the type is not a number, or if the file of external data can't be read: it must be beside the ONNX
    /// file, and no link.
    Expected<Array> load(const OnnxTensor& tensor) const;

    /// Returns the values of a tensor of at most 64 integers; nullopt for any other tensor.
    std::optional<std::vector<std::int64_t>> integers(const OnnxTensor& tensor) const;
};

/// Reads the messages of an ONNX file. All lengths are checked before memory is allocated. Fails with a sentence that
/// names the file if the bytes are not protobuf, if there is no graph, or if there are more than 100,000 nodes, tensors
/// or inputs, or more than 8 axes of a tensor.
Expected<OnnxFile> parse_onnx_file(Bytes bytes, std::string_view name, const std::filesystem::path& folder);

/// Reads one TensorProto. Fails like parse_onnx_file(); `file` is the name in messages.
Expected<OnnxTensor> parse_onnx_tensor(std::span<const std::byte> message, std::string_view file);

}  // namespace convlens
