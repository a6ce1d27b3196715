/// Builds the graph of an ONNX file, one layer after the other.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/io/protobuf.h"
#include "engine/nn/network.h"

namespace convlens {

/// The attributes of a node.
class OnnxAttributes {
  public:
    OnnxAttributes& integer(std::string_view name, std::int64_t value);
    OnnxAttributes& real(std::string_view name, float value);
    OnnxAttributes& text(std::string_view name, std::string_view value);
    OnnxAttributes& integers(std::string_view name, std::initializer_list<std::int64_t> values);

    const std::vector<ProtoWriter>& all() const { return all_; }

  private:
    std::vector<ProtoWriter> all_;
};

/// Writes nodes and tensors. Each node reads the current value, which it then replaces. A layer begins with the value
/// of its first input.
class OnnxWriter {
  public:
    /// Begins a graph whose input has the shape `input`.
    OnnxWriter(std::string_view name, const Shape& input);

    /// Begins the next layer, which reads the layers `inputs` (network_input is the input); `output` is the shape of
    /// its output.
    void begin_layer(const Layer& layer, const std::vector<int>& inputs, const Shape& output);
    /// Ends the layer: the current value is its output.
    void end_layer() { outputs_.push_back({value_, rank_, layer_output_}); }
    /// Returns the number of inputs of the layer.
    std::size_t input_count() const { return inputs_.size(); }
    /// Makes input k of the layer the current value.
    void take_input(std::size_t k);
    const std::string& layer() const { return layer_; }
    const Shape& input() const { return shape_; }          ///< Shape of the layer's input.
    const Shape& output() const { return layer_output_; }  ///< Shape of the layer's output.
    int rank() const { return rank_; }                     ///< Number of axes of the current value: 4, or 2 for (N, C).

    /// Appends a node with the current value as its first input, then `inputs`. `part` is the end of the node's name if
    /// the layer needs several nodes.
    void node(std::string_view type, const std::vector<std::string>& inputs = {}, const OnnxAttributes& attributes = {},
              std::string_view part = "");
    /// Like node(), with the current value as the last input.
    void node_on_right(std::string_view type, const std::string& left, std::string_view part);

    void set_rank(int rank) { rank_ = rank; }
    void set_value(const std::string& name, int rank) { value_ = name, rank_ = rank; }
    const std::string& value() const { return value_; }  ///< Name of the current value.

    /// Append a tensor named "LAYER.name" and return its name.
    std::string tensor(std::string_view name, const std::vector<std::int64_t>& shape, std::span<const float> values);
    std::string integers(std::string_view name, std::initializer_list<std::int64_t> values);

    /// Makes the current value (N, C) or (N, C, H, W), with a node if it has other axes.
    void flatten();
    void unflatten();

    /// Says that an operator needs version `opset` of the operators.
    void needs(std::int64_t opset) { opset_ = std::max(opset_, opset); }

    /// Returns the file; `metadata` are its entries.
    std::vector<std::byte> finish(const std::vector<std::pair<std::string, std::string>>& metadata);

  private:
    struct Value {
        std::string name;
        int rank = 4;  ///< Number of axes.
        Shape shape;
    };

    void append(std::string_view type, const std::vector<std::string>& inputs, const OnnxAttributes& attributes,
                std::string_view part);
    std::string unique(std::string name);

    std::string name_, layer_, value_;
    std::vector<Value> outputs_;  ///< The input, then the output of each layer.
    std::vector<int> inputs_;     ///< Of the layer.
    Shape graph_input_, shape_, layer_output_;
    int rank_ = 4;
    std::int64_t opset_ = 13;
    std::set<std::string> names_;
    ProtoWriter graph_;
};

}  // namespace convlens
