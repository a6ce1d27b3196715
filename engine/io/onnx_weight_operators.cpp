/// Reading of the operators that have weights but no window.
#include <algorithm>
#include <limits>

#include "engine/io/onnx_means.h"
#include "engine/io/onnx_operators.h"

namespace convlens {

using Result = OnnxResult;
using Sizes = OnnxShape;

namespace {

/// Returns true if `shape` has `count` values, all along the axis of channels, `axis`, which is counted from the end.
bool is_per_channel(const Sizes& shape, std::int64_t count, int axis) {
    const std::size_t axes = shape.size(), channel_axis = static_cast<std::size_t>(axis);
    for (std::size_t i = 0; i < axes; ++i)
        if (shape[i] != (axes - i == channel_axis ? count : 1)) return false;
    return axes >= channel_axis;
}

/// Adds a Linear whose weight, as (in, out) or, if `by_rows`, (out, in), is input 1; for values (N, H, W, C), the
/// Conv2d of 1x1 that computes the same at each position. Returns the number of outputs.
Expected<int> add_linear(OnnxReader& reader, const OnnxNode& node, bool by_rows, bool bias, float factor) {
    const bool positions = reader.channels_last();
    if (reader.rank() != 2 && !positions) return fail("reads a value of {} axes, expected (N, C)", reader.rank());
    auto weight = weight_of(reader, node, 1, "weight");
    if (!weight) return tl::unexpected(weight.error());
    if (!by_rows) weight->transposed = !weight->transposed;
    Sizes shape = weight->shape();
    const auto out = shape.size() == 2 ? to_int(shape[0]) : std::nullopt,
               in = out && shape[1] <= std::numeric_limits<int>::max() / 4 ? std::optional(static_cast<int>(shape[1]))
                                                                           : std::nullopt;
    if (!in) return fail("has a weight {}, expected two axes", shape_text(shape));
    const auto spec =
        positions ? OperationSpec(Conv2dSpec{*in, *out, {1, 1}, {}, bias}) : OperationSpec(LinearSpec{*in, *out, bias});
    if (auto ok = reader.add(node, spec, &*weight); !ok) return tl::unexpected(ok.error());
    if (positions) shape.insert(shape.end(), {1, 1});
    OnnxChange scale;
    if (factor != 1)
        scale = [factor](std::vector<float>& values) {
            for (float& v : values) v *= factor;
        };
    reader.add_array("weight", shape, *weight, scale);
    return *out;
}

/// Adds the array "bias" of `count` values to the last layer. The constant has one value or one per channel.
Result add_bias(OnnxReader& reader, const OnnxConstant& bias, int count, float factor) {
    const Sizes shape = bias.shape();
    const auto values = bias.tensor->count();
    if (values != 1 && !is_per_channel(shape, count, 1))
        return fail("has a bias {}, expected {}", shape_text(shape), count);
    reader.add_array("bias", {count}, bias, [factor, count](std::vector<float>& v) {
        if (v.size() == 1) v.assign(static_cast<std::size_t>(count), v[0]);
        for (float& x : v) x *= factor;
    });
    return {};
}

/// Reads the two products that onnx_write.cpp writes for an AdaptiveAvgPool2d.
Result read_adaptive_means(OnnxReader& reader, const OnnxNode& node) {
    const auto fails = [] { return fail("multiplies a constant by the feature maps"); };
    if (reader.channels_last()) return fails();  // the product is over columns and channels
    const auto rows = reader.constant(node.input(0));
    const auto users = reader.users(node.outputs[0]);
    if (!rows || rows->transposed || !reader.shape() || users.size() != 1 || users[0]->type != "MatMul") return fails();
    const auto columns = reader.constant(users[0]->input(1));
    const Shape& in = *reader.shape();
    if (!columns || columns->transposed || columns->shape().size() != 2 || rows->shape().size() != 2 ||
        rows->shape()[1] != in.h || columns->shape()[0] != in.w || users[0]->outputs.empty())
        return fails();
    const auto h = to_int(rows->shape()[0]), w = to_int(columns->shape()[1]);
    const auto left = reader.load(*rows), right = reader.load(*columns);
    if (!h || !w || !left || !right || *h < 1 || *w < 1 || left->values != adaptive_means(in.h, *h, false) ||
        right->values != adaptive_means(in.w, *w, true))
        return fails();
    reader.go_on_after(*users[0], 2);
    return reader.add(*users[0], AdaptiveAvgPool2d{{*h, *w}});
}

/// Adds the arrays of a normalization layer, which are the inputs of the node from input 1 on.
Result add_channel_arrays(OnnxReader& reader, const OnnxNode& node, OperationSpec spec, int channels,
                          std::initializer_list<std::string_view> arrays) {
    std::vector<OnnxConstant> constants;
    for (std::size_t i = 0; i < arrays.size(); ++i) {
        const auto found = weight_of(reader, node, i + 1, "scale, shift, mean or variance");
        if (!found) return tl::unexpected(found.error());
        if (found->shape() != Sizes{channels})
            return fail("has an array {}, expected {} values", shape_text(found->shape()), channels);
        constants.push_back(*found);
    }
    if (auto ok = reader.add(node, std::move(spec), constants.data()); !ok) return ok;
    for (std::size_t i = 0; i < arrays.size(); ++i) reader.add_array(arrays.begin()[i], {channels}, constants[i]);
    return {};
}

/// Returns the number of values of input 1, the scale of a normalization.
Expected<int> channels_of_scale(OnnxReader& reader, const OnnxNode& node) {
    const auto scale = weight_of(reader, node, 1, "scale");
    if (!scale) return tl::unexpected(scale.error());
    const auto count =
        scale->tensor->count() > 0 ? to_int(static_cast<std::int64_t>(scale->tensor->count())) : std::nullopt;
    if (!count) return fail("has a scale of {} values", scale->tensor->count());
    return *count;
}

}  // namespace

/// Returns the constant that is input i. Fails if there is none.
Expected<OnnxConstant> weight_of(OnnxReader& reader, const OnnxNode& node, std::size_t i, std::string_view what) {
    const auto found = reader.constant(node.input(i));
    if (!found) return fail("has no constant as its {}", translated(what));
    return *found;
}

Result read_gemm(OnnxReader& reader, const OnnxNode& node) {
    if (node.integer("transA").value_or(0) != 0) return fail("transposes its input");
    const auto bias = reader.constant(node.input(2));
    if (!bias && !node.input(2).empty()) return fail("has no constant as its bias");
    const auto out = add_linear(reader, node, node.integer("transB").value_or(0) != 0, bias.has_value(),
                                node.real("alpha").value_or(1));
    if (!out) return tl::unexpected(out.error());
    return bias ? add_bias(reader, *bias, *out, node.real("beta").value_or(1)) : Result();
}

Result read_matmul(OnnxReader& reader, const OnnxNode& node) {
    if (node.input(0) != reader.value()) return read_adaptive_means(reader, node);
    const auto out = add_linear(reader, node, false, false, 1);
    if (!out) return tl::unexpected(out.error());
    return {};
}

/// Reads x + c, x - c, x * c or x / c with one value or one per channel: as the bias of a layer that has none, or as a
/// BatchNorm2d, ((x - mean) / sqrt(1 + 0)) * weight + bias.
Result read_arithmetic(OnnxReader& reader, const OnnxNode& node) {
    const std::string_view type = node.type == "Sum" ? "Add" : node.type;
    if (node.inputs.size() > 2) return fail("has {} inputs, some of which are constants", node.inputs.size());
    const bool first = node.input(0) == reader.value();
    const auto operand = reader.constant(node.input(first ? 1 : 0));
    if (!operand) return fail("combines two values that depend on the input");
    if (!first && (type == "Sub" || type == "Div")) return fail("has a constant on its left side");
    const Sizes shape = operand->shape();
    const auto count = static_cast<std::int64_t>(operand->tensor->count());
    const auto channels = reader.channels();
    if (!channels || (count != 1 && !is_per_channel(shape, *channels, reader.channel_axis())))
        return fail("has a constant {}, expected one value for each channel", shape_text(shape));
    const OnnxChange fill = [type, channels](std::vector<float>& v) {
        if (v.size() == 1) v.assign(static_cast<std::size_t>(*channels), v[0]);
        if (type == "Div")
            for (float& x : v) x = 1 / x;
    };
    if (type == "Add" && reader.last() && reader.is_read_once()) {
        auto* conv = std::get_if<Conv2dSpec>(&reader.last()->operation);
        auto* linear = std::get_if<LinearSpec>(&reader.last()->operation);
        if (bool* bias = conv ? &conv->bias : linear ? &linear->bias : nullptr; bias && !*bias) {
            *bias = true;
            reader.add_array("bias", {*channels}, *operand, fill);
            return {};
        }
    }
    if (auto ok = reader.add(node, BatchNorm2dSpec{*channels, 0, true}, &*operand); !ok) return ok;
    const auto put = [&](std::string_view array, bool here, float other) {
        if (here) return reader.add_array(array, {*channels}, *operand, fill);
        reader.add_array(array, *channels, other);
    };
    put("weight", type == "Mul" || type == "Div", 1);
    put("bias", type == "Add", 0);
    put("running_mean", type == "Sub", 0);
    put("running_var", false, 1);
    return {};
}

Result read_batch_norm(OnnxReader& reader, const OnnxNode& node) {
    if (node.integer("training_mode").value_or(0) != 0) return fail("is in training mode");
    if (node.integer("spatial").value_or(1) == 0) return fail("has a mean for each position, expected one per channel");
    const auto channels = channels_of_scale(reader, node);
    if (!channels) return tl::unexpected(channels.error());
    return add_channel_arrays(reader, node, BatchNorm2dSpec{*channels, node.real("epsilon").value_or(1e-5F), true},
                              *channels, {"weight", "bias", "running_mean", "running_var"});
}

Result read_group_norm(OnnxReader& reader, const OnnxNode& node) {
    const auto channels = channels_of_scale(reader, node);
    if (!channels) return tl::unexpected(channels.error());
    const auto groups = node.type == "InstanceNormalization" ? std::optional(*channels)
                                                             : to_int(node.integer("num_groups").value_or(0));
    if (!groups || *groups < 1) return fail("has no valid num_groups");
    return add_channel_arrays(reader, node,
                              GroupNormSpec{*groups, *channels, node.real("epsilon").value_or(1e-5F), true}, *channels,
                              {"weight", "bias"});
}

Result read_layer_norm(OnnxReader& reader, const OnnxNode& node) {
    const std::int64_t axis = node.integer("axis").value_or(-1);
    if (!reader.channels_last() || (axis != -1 && axis != 3)) return fail("is over other axes than the channels");
    const auto channels = channels_of_scale(reader, node);
    if (!channels) return tl::unexpected(channels.error());
    const LayerNorm2dSpec spec{*channels, node.real("epsilon").value_or(1e-5F), true};
    if (!node.input(2).empty()) return add_channel_arrays(reader, node, spec, *channels, {"weight", "bias"});
    if (auto ok = add_channel_arrays(reader, node, spec, *channels, {"weight"}); !ok) return ok;
    reader.add_array("bias", *channels, 0);
    return {};
}

Result read_prelu(OnnxReader& reader, const OnnxNode& node) {
    const auto slope = weight_of(reader, node, 1, "slope");
    if (!slope) return tl::unexpected(slope.error());
    const auto count = to_int(static_cast<std::int64_t>(std::min<std::uint64_t>(slope->tensor->count(), 1U << 30U)));
    if (!count || *count < 1 || (*count != 1 && !is_per_channel(slope->shape(), *count, reader.channel_axis())))
        return fail("has a slope {}, expected one value for each channel", shape_text(slope->shape()));
    if (auto ok = reader.add(node, PReLUSpec{*count}, &*slope); !ok) return ok;
    reader.add_array("weight", {*count}, *slope);
    return {};
}

}  // namespace convlens
