/// The walk through the graph of an ONNX file, and what the table of operators needs for it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/io/onnx.h"
#include "engine/io/onnx_file.h"
#include "engine/nn/graph.h"

namespace convlens {

/// A constant array: a tensor of the file, or its transpose.
struct OnnxConstant {
    const OnnxTensor* tensor = nullptr;
    bool transposed = false;

    /// Returns the shape, transposed if the constant is.
    std::vector<std::int64_t> shape() const;
};

/// Makes values of a layer from those of the file.
using OnnxChange = std::function<void(std::vector<float>&)>;

/// Integers of a shape; nullopt stands for a size that is only known when the network runs.
using OnnxSizes = std::vector<std::optional<std::int64_t>>;

/// Reads the nodes in order and adds layers. Functions for operators take the node and return nothing, or the reason
/// why this node can't be read, which completes the sentence "Conv "conv1" ...".
class OnnxReader {
  public:
    using Result = Expected<void>;

    explicit OnnxReader(std::shared_ptr<const OnnxFile> file);

    Expected<OnnxNetwork> read();

    // ---- for the functions of the operators

    std::int64_t opset() const { return file_->opset; }

    /// Returns the constant with that name, looking through nodes such as Identity; nullopt if it is none.
    std::optional<OnnxConstant> constant(std::string_view name);
    /// Returns the integers of a constant, or of a value that depends only on constants and known shapes.
    std::optional<OnnxSizes> sizes(std::string_view name, int depth = 0);
    /// Returns the integers of attribute `attribute` or, if the node has none, of input i; nullopt if there are none.
    std::optional<std::vector<std::int64_t>> sizes(const OnnxNode& node, std::string_view attribute, std::size_t i);
    /// Returns the values of a constant, not transposed.
    Expected<Array> load(const OnnxConstant& from) const { return file_->load(*from.tensor); }
    /// Returns the value of a constant with one value.
    std::optional<float> scalar(std::string_view name);

    /// The value that the node reads: its first input that depends on the network's input.
    std::string_view value() const { return value_; }
    int rank() const { return rank_; }  ///< Number of axes: 4, 3 for (N, C, W) with a height of 1, or 2 for (N, C).
    void set_rank(int rank) { rank_ = rank; }
    /// Whether the value has the axes (N, H, W, C) in the file, between two Transpose; the layers see (N, C, H, W).
    bool channels_last() const { return channels_last_; }
    void set_channels_last(bool last) { channels_last_ = last; }
    /// The axis of the channels, counted from the end: 1 for (N, C) and (N, H, W, C), 3 for (N, C, H, W).
    int channel_axis() const { return channels_last_ ? 1 : rank_ - 1; }
    const std::optional<Shape>& shape() const { return shape_; }  ///< nullopt if the input has no fixed size.
    std::optional<int> channels() const { return channels_; }

    /// Appends a layer named after `node`, or after the constant `weight`. Fails if the layer can't run on the current
    /// shape.
    Result add(const OnnxNode& node, OperationSpec spec, const OnnxConstant* weight = nullptr,
               std::string_view suffix = "");
    /// Adds the array `array` with `shape` to the last layer: the values of `from`, changed by `change`.
    void add_array(std::string_view array, std::vector<std::int64_t> shape, const OnnxConstant& from,
                   OnnxChange change = nullptr);
    /// Adds an array of `count` equal values to the last layer.
    void add_array(std::string_view array, std::int64_t count, float value);
    /// The layer whose output the current value is; null if that is the network's input. Valid until the next layer is
    /// added.
    LayerSpec* last() { return layer_ < 0 ? nullptr : &architecture_.layers[static_cast<std::size_t>(layer_)]; }
    /// Returns true if nothing but one node reads the output of last().
    bool is_read_once() const;
    /// Makes `node`, which is the last of `count` nodes that are one layer, the one whose output is the layer's.
    void go_on_after(const OnnxNode& node, std::size_t count) { next_ = &node, nodes_read_ += count - 1; }
    /// Returns the nodes that use a value, without those that only read its shape.
    std::vector<const OnnxNode*> users(std::string_view value) const;

  private:
    /// A value that depends on the network's input.
    struct Value {
        int layer = network_input;  ///< The layer whose output it is.
        int rank = 4;
        bool channels_last = false;
        std::optional<Shape> shape;
        std::optional<int> channels;
    };

    Expected<void> check_graph();
    Expected<void> begin();
    /// Reads a node, unless it computes constants, is part of a layer that was read before, or can't be read: `reason_`
    /// then says why, if it is the first.
    void step(const OnnxNode& node);
    Result read(const OnnxNode& node);
    /// Reads a node with several inputs that depend on the network's input.
    Result read_join(const OnnxNode& node, const std::vector<std::string_view>& inputs);
    Result append(const OnnxNode& node, OperationSpec spec, std::vector<int> inputs, const OnnxConstant* weight,
                  std::string_view suffix);
    void make_current(std::string_view name);
    void record(std::string_view name);
    /// Marks the nodes between the current value and `last` as read.
    void consume(const OnnxNode& last);
    std::optional<OnnxSizes> fold(const OnnxNode& node, int depth);
    std::string layer_name(const OnnxNode& node, const OnnxConstant* weight, std::string_view suffix);
    std::string other_missing(const OnnxNode& node) const;

    std::shared_ptr<const OnnxFile> file_;
    std::unordered_map<std::string_view, const OnnxTensor*> tensors_;
    std::deque<OnnxTensor> own_tensors_;  ///< Of nodes Constant.
    std::unordered_map<std::string_view, const OnnxNode*> producers_;
    std::unordered_map<std::string_view, std::vector<const OnnxNode*>> users_;
    std::vector<const OnnxNode*> order_;  ///< The nodes, each after those that make its inputs.
    std::unordered_map<std::string_view, Value> values_;
    std::vector<int> values_of_layer_;              ///< Number of values that are the output of each layer.
    std::unordered_set<std::string_view> unread_;   ///< Values that depend on a node that can't be read.
    std::unordered_set<const OnnxNode*> consumed_;  ///< Nodes that are parts of layers.
    std::unordered_map<std::string_view, std::pair<int, Shape>> shapes_;  ///< Rank and shape of the values so far.
    std::unordered_set<std::string_view> other_inputs_;                   ///< The other inputs, which are no tensors.
    std::string_view value_;
    int layer_ = network_input;
    int rank_ = 4;
    bool channels_last_ = false;
    std::optional<Shape> shape_;
    std::optional<int> channels_;
    const OnnxNode* next_ = nullptr;  ///< The node whose output is the next value.
    std::size_t nodes_read_ = 0;
    std::uint64_t values_left_ = 0;  ///< Values that the arrays of layers may still have.
    std::set<std::string> names_;
    std::set<std::string, std::less<>> used_;
    Architecture architecture_;
    std::vector<FoundArray> arrays_;
    std::string reason_;
};

/// How an operator is read.
struct OnnxOperator {
    std::string_view type;
    OnnxReader::Result (*read)(OnnxReader& reader, const OnnxNode& node);
    bool any_order = false;  ///< Whether `read` also reads values with the channels in the last axis.
};

/// Returns the operator with that name; null if Convlens does not have it.
const OnnxOperator* onnx_operator(std::string_view type);

/// Several nodes that are one layer.
struct OnnxPattern {
    OperationSpec layer;
    const OnnxNode* last = nullptr;  ///< The node whose output is that of the layer.
    std::size_t nodes = 0;           ///< Number of nodes.
    /// Arrays of the layer with one axis, by name.
    std::vector<std::pair<std::string_view, OnnxConstant>> arrays{};
};

/// Returns the layer that `users`, the nodes that use the current value, are part of; nullopt if there is none.
std::optional<OnnxPattern> onnx_pattern(OnnxReader& reader, const std::vector<const OnnxNode*>& users);

/// Returns "Conv "conv1"".
std::string in_words(const OnnxNode& node);

}  // namespace convlens
