/// Building of the graph of an ONNX file.
#include "engine/io/onnx_writer.h"

#include "engine/io/array_formats.h"
#include "engine/io/onnx_file.h"

namespace convlens {
namespace {

using namespace onnx_field;

/// Numbers of AttributeProto.AttributeType and of TensorProto.DataType.
enum AttributeType : std::int64_t { type_f = 1, type_i = 2, type_s = 3, type_ints = 7 };
constexpr std::int64_t float32_type = 1, int64_type = 7;

ProtoWriter named_attribute(std::string_view name, AttributeType type) {
    ProtoWriter attribute;
    attribute.text(attribute_name, name);
    attribute.integer(attribute_type, type);
    return attribute;
}

/// Returns a ValueInfoProto of floats; a size of 0 stands for one that is not fixed.
ProtoWriter value_info(std::string_view name, const std::vector<std::int64_t>& sizes) {
    constexpr std::uint32_t elem_type = 1, dim_param = 2;
    ProtoWriter shape, type, types, value;
    for (const std::int64_t size : sizes) {
        ProtoWriter dim;
        if (size > 0) {
            dim.integer(dim_value, size);
        } else {
            dim.text(dim_param, "N");
        }
        shape.message(shape_dim, dim);
    }
    type.integer(elem_type, float32_type);
    type.message(type_shape, shape);
    types.message(type_tensor, type);
    value.text(value_name, name);
    value.message(value_type, types);
    return value;
}

}  // namespace

OnnxAttributes& OnnxAttributes::integer(std::string_view name, std::int64_t value) {
    all_.push_back(named_attribute(name, type_i));
    all_.back().integer(attribute_i, value);
    return *this;
}

OnnxAttributes& OnnxAttributes::real(std::string_view name, float value) {
    all_.push_back(named_attribute(name, type_f));
    all_.back().real(attribute_f, value);
    return *this;
}

OnnxAttributes& OnnxAttributes::text(std::string_view name, std::string_view value) {
    all_.push_back(named_attribute(name, type_s));
    all_.back().text(attribute_s, value);
    return *this;
}

OnnxAttributes& OnnxAttributes::integers(std::string_view name, std::initializer_list<std::int64_t> values) {
    all_.push_back(named_attribute(name, type_ints));
    for (const std::int64_t value : values) all_.back().integer(attribute_ints, value);
    return *this;
}

OnnxWriter::OnnxWriter(std::string_view name, const Shape& input)
    : name_(name),
      value_("input"),
      outputs_{{"input", 4, input}},
      graph_input_(input),
      shape_(input),
      layer_output_(input),
      names_{"input"} {}

std::string OnnxWriter::unique(std::string name) {
    const std::string stem = name;
    for (int i = 2; !names_.insert(name).second; ++i) name = fmt::format("{}_{}", stem, i);
    return name;
}

void OnnxWriter::begin_layer(const Layer& layer, const std::vector<int>& inputs, const Shape& output) {
    layer_ = layer.name;
    inputs_ = inputs;
    layer_output_ = output;
    take_input(0);
}

void OnnxWriter::take_input(std::size_t k) {
    const Value& input = outputs_[static_cast<std::size_t>(inputs_[k] + 1)];
    value_ = input.name;
    rank_ = input.rank;
    shape_ = input.shape;
}

void OnnxWriter::append(std::string_view type, const std::vector<std::string>& inputs, const OnnxAttributes& attributes,
                        std::string_view part) {
    ProtoWriter written;
    for (const std::string& one : inputs) written.text(node_input, one);
    value_ = unique(layer_ + std::string(part));
    written.text(node_output, value_);
    written.text(node_name, layer_ + std::string(part));
    written.text(op_type, type);
    for (const ProtoWriter& one : attributes.all()) written.message(attribute, one);
    graph_.message(onnx_field::node, written);
}

void OnnxWriter::node(std::string_view type, const std::vector<std::string>& inputs, const OnnxAttributes& attributes,
                      std::string_view part) {
    std::vector<std::string> all{value_};
    all.insert(all.end(), inputs.begin(), inputs.end());
    append(type, all, attributes, part);
}

void OnnxWriter::node_on_right(std::string_view type, const std::string& left, std::string_view part) {
    append(type, {left, value_}, {}, part);
}

std::string OnnxWriter::tensor(std::string_view name, const std::vector<std::int64_t>& shape,
                               std::span<const float> values) {
    const std::string full = unique(fmt::format("{}.{}", layer_, name));
    std::vector<std::byte> raw;
    raw.reserve(values.size_bytes());
    append_little(values, raw);
    ProtoWriter written;
    for (const std::int64_t extent : shape) written.integer(tensor_dims, extent);
    written.integer(tensor_type, float32_type);
    written.text(tensor_name, full);
    written.content(raw_data, raw);
    graph_.message(initializer, written);
    return full;
}

std::string OnnxWriter::integers(std::string_view name, std::initializer_list<std::int64_t> values) {
    const std::string full = unique(fmt::format("{}.{}", layer_, name));
    ProtoWriter written;
    written.integer(tensor_dims, static_cast<std::int64_t>(values.size()));
    written.integer(tensor_type, int64_type);
    written.text(tensor_name, full);
    for (const std::int64_t value : values) written.integer(int64_data, value);
    graph_.message(initializer, written);
    return full;
}

void OnnxWriter::flatten() {
    if (rank_ == 4) node("Flatten", {}, OnnxAttributes().integer("axis", 1), "/flatten");
    rank_ = 2;
}

void OnnxWriter::unflatten() {
    if (rank_ == 2) node("Reshape", {integers("shape", {0, -1, 1, 1})}, {}, "/reshape");
    rank_ = 4;
}

std::vector<std::byte> OnnxWriter::finish(const std::vector<std::pair<std::string, std::string>>& metadata) {
    graph_.text(graph_name, name_);
    const Shape &in = graph_input_, &out = layer_output_;
    graph_.message(onnx_field::input, value_info("input", {0, in.c, in.h, in.w}));
    graph_.message(onnx_field::output,
                   value_info(value_, rank_ == 2 ? std::vector<std::int64_t>{0, out.c}
                                                 : std::vector<std::int64_t>{0, out.c, out.h, out.w}));
    ProtoWriter file, set;
    // The version of the format that belongs to the version of the operators.
    file.integer(ir_version, opset_ <= 13 ? 7 : opset_ <= 18 ? 8 : opset_ <= 20 ? 9 : 10);
    file.text(onnx_field::producer, "Convlens");
    set.text(set_domain, "");
    set.integer(set_version, opset_);
    file.message(opset_import, set);
    for (const auto& [key, value] : metadata) {
        ProtoWriter entry;
        entry.text(entry_key, key);
        entry.text(entry_value, value);
        file.message(onnx_field::metadata, entry);
    }
    file.message(graph, graph_);
    return file.bytes();
}

}  // namespace convlens
