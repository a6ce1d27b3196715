/// The operators of ONNX that Convlens reads, https://onnx.ai/onnx/operators/: the table, and those without weights.
#include "engine/io/onnx_operators.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace convlens {
namespace {

using Result = OnnxResult;
using Sizes = OnnxShape;

Result read_global_average(OnnxReader& reader, const OnnxNode& node) {
    return reader.add(node, AdaptiveAvgPool2d{{1, 1}});
}

Result read_reduce_mean(OnnxReader& reader, const OnnxNode& node) {
    auto axes = reader.sizes(node, "axes", 1);
    if (axes)
        for (auto& axis : *axes) axis += axis < 0 ? reader.rank() : 0;
    if (axes) std::ranges::sort(*axes);
    const Sizes expected = reader.channels_last() ? Sizes{1, 2} : reader.rank() == 4 ? Sizes{2, 3} : Sizes{2};
    if (reader.rank() < 3 || axes != expected) return fail("has axes other than height and width");
    if (auto ok = reader.add(node, AdaptiveAvgPool2d{{1, 1}}); !ok) return ok;
    if (node.integer("keepdims").value_or(1) == 0) {
        reader.set_rank(2);
        reader.set_channels_last(false);
    }
    return {};
}

Result add_flatten(OnnxReader& reader, const OnnxNode& node) {
    if (auto ok = reader.add(node, Flatten{}); !ok) return ok;
    reader.set_rank(2);
    return {};
}

Result read_flatten(OnnxReader& reader, const OnnxNode& node) {
    const std::int64_t axis = node.integer("axis").value_or(1);
    if (axis != 1 && axis != 1 - reader.rank()) return fail("has the axis {}, expected 1", axis);
    return add_flatten(reader, node);
}

/// Reads a Reshape to (N, -1), which flattens, to (N, C, 1, 1), and to the shape that the value has already.
Result read_reshape(OnnxReader& reader, const OnnxNode& node) {
    const auto target = reader.sizes(node.input(1));
    if (!target) return fail("has a shape that is not constant");
    const auto images = target->empty() ? std::int64_t{-2} : (*target)[0].value_or(-1);
    const std::int64_t features =
        reader.shape()
            ? static_cast<std::int64_t>(Shape{1, reader.shape()->c, reader.shape()->h, reader.shape()->w}.count())
            : -1;
    const auto fits = [](const std::optional<std::int64_t>& size, std::int64_t expected) {
        return !size || *size == -1 || expected == -1 || *size == expected;
    };
    const bool one_row = images >= -1 && images <= 1;
    if (one_row && target->size() == 2 && fits((*target)[1], features)) return add_flatten(reader, node);
    const auto is_one = [](const std::optional<std::int64_t>& size) { return size && *size == 1; };
    if (one_row && target->size() == 4 && reader.rank() == 2 && is_one((*target)[2]) && is_one((*target)[3])) {
        reader.set_rank(4);
        return {};
    }
    std::string text;
    for (const auto& size : *target)
        text += fmt::format("{}{}", text.empty() ? "" : "x", size ? fmt::format("{}", *size) : "N");
    return fail("makes a shape {}, expected (N, features)", text);
}

Result read_squeeze(OnnxReader& reader, const OnnxNode& node) {
    auto axes = reader.sizes(node, "axes", 1);
    const bool squeeze = node.type == "Squeeze";
    if (!axes) return fail("has axes that are not constant");
    const int count = static_cast<int>(std::min<std::size_t>(axes->size(), 2)), rank = reader.rank();
    const int axes_before = squeeze ? rank : rank + count;  // of the larger of the two shapes
    for (auto& axis : *axes) axis += axis < 0 ? axes_before : 0;
    std::ranges::sort(*axes);
    // Between (N, C), (N, C, W) with a height of 1, and (N, C, H, W).
    const auto& in = reader.shape();
    const bool fits = !squeeze || (in && (rank == 4 && count == 1 ? in->h == 1 : in->plane() == 1));
    if ((axes_before == 4 ? *axes != Sizes{2, 3} && *axes != Sizes{2} : axes_before != 3 || *axes != Sizes{2}) || !fits)
        return fail("has axes other than a height and a width of 1");
    reader.set_rank(squeeze ? rank - count : rank + count);
    return {};
}

Result read_softmax(OnnxReader& reader, const OnnxNode& node) {
    const bool newer = reader.opset() >= 13;  // before, all axes from `axis` on are one
    std::int64_t axis = node.integer("axis").value_or(newer ? -1 : 1);
    if (axis < 0) axis += reader.rank();
    const bool one = reader.rank() == 2 || (reader.shape() && reader.shape()->plane() == 1);
    if (axis != 1 || (!newer && !one)) return fail("has another axis than the channels");
    return reader.add(node, Softmax{});
}

Result read_clip(OnnxReader& reader, const OnnxNode& node) {
    const auto limit = [&](const char* name, std::size_t i, float other) -> std::optional<float> {
        if (const auto given = node.real(name)) return given;
        return node.input(i).empty() ? std::optional(other) : reader.scalar(node.input(i));
    };
    constexpr float most = std::numeric_limits<float>::max();
    const auto low = limit("min", 1, -most), high = limit("max", 2, most);
    if (!low || !high) return fail("has limits that are not constant");
    if (*low == 0 && *high >= most) return reader.add(node, ReLU{});
    if (*low == 0 && *high == 6) return reader.add(node, ReLU6{});
    return reader.add(node, Hardtanh{*low, *high});
}

Result read_leaky_relu(OnnxReader& reader, const OnnxNode& node) {
    return reader.add(node, LeakyReLU{node.real("alpha").value_or(0.01F)});
}

Result read_elu(OnnxReader& reader, const OnnxNode& node) {
    return reader.add(node, ELU{node.real("alpha").value_or(1)});
}

Result read_gelu(OnnxReader& reader, const OnnxNode& node) {
    if (node.text("approximate").value_or("none") != "none") return fail("is an approximation with tanh");
    return reader.add(node, GELU{});
}

Result read_hard_sigmoid(OnnxReader& reader, const OnnxNode& node) {
    const float alpha = node.real("alpha").value_or(0.2F), beta = node.real("beta").value_or(0.5F);
    if (std::abs(alpha - 1.0F / 6) > 1e-6F || beta != 0.5F)
        return fail("has the slope {:g} and the offset {:g}, expected 1/6 and 0.5", alpha, beta);
    return reader.add(node, Hardsigmoid{});
}

Result read_global_maximum(OnnxReader& reader, const OnnxNode& node) {
    return reader.add(node, AdaptiveMaxPool2d{{1, 1}});
}

Result read_dropout(OnnxReader& reader, const OnnxNode& node) {
    if (const auto training = reader.constant(node.input(2)); training || !node.input(2).empty())
        if (reader.scalar(node.input(2)).value_or(1) != 0) return fail("is in training mode");
    const float p =
        reader.opset() < 12 ? node.real("ratio").value_or(0.5F) : reader.scalar(node.input(1)).value_or(0.5F);
    return reader.add(node, Dropout{p});
}

template <class Layer>
Result read_plain(OnnxReader& reader, const OnnxNode& node) {
    return reader.add(node, Layer{});
}

Result read_identity(OnnxReader& /*reader*/, const OnnxNode& /*node*/) { return {}; }

/// Reads a Transpose that moves the channels to the last axis or back as no layer.
Result read_transpose(OnnxReader& reader, const OnnxNode& node) {
    const bool last = reader.channels_last();
    if (reader.rank() != 4 || node.integers("perm") != (last ? Sizes{0, 3, 1, 2} : Sizes{0, 2, 3, 1}))
        return fail("changes the order of the axes");
    reader.set_channels_last(!last);
    return {};
}

Result read_cast(OnnxReader& /*reader*/, const OnnxNode& node) {
    constexpr std::int64_t real[] = {1, 10, 11, 16};  // float32, float16, double, bfloat16
    if (std::ranges::find(real, node.integer("to").value_or(0)) != std::end(real)) return {};
    return fail("makes integers of feature maps");
}

constexpr OnnxOperator operators[] = {{"Add", read_arithmetic, true},
                                      {"AveragePool", read_pool},
                                      {"BatchNormalization", read_batch_norm},
                                      {"Cast", read_cast, true},
                                      {"Clip", read_clip, true},
                                      {"Conv", read_conv},
                                      {"ConvTranspose", read_conv_transpose},
                                      {"DepthToSpace", read_depth_to_space},
                                      {"Div", read_arithmetic, true},
                                      {"Dropout", read_dropout, true},
                                      {"Elu", read_elu, true},
                                      {"Flatten", read_flatten},
                                      {"Gelu", read_gelu, true},
                                      {"Gemm", read_gemm},
                                      {"GlobalAveragePool", read_global_average},
                                      {"GlobalMaxPool", read_global_maximum},
                                      {"GroupNormalization", read_group_norm},
                                      {"HardSigmoid", read_hard_sigmoid, true},
                                      {"HardSwish", read_plain<Hardswish>, true},
                                      {"Identity", read_identity, true},
                                      {"InstanceNormalization", read_group_norm},
                                      {"LRN", read_lrn},
                                      {"LayerNormalization", read_layer_norm, true},
                                      {"LeakyRelu", read_leaky_relu, true},
                                      {"MatMul", read_matmul, true},
                                      {"MaxPool", read_pool},
                                      {"Mul", read_arithmetic, true},
                                      {"PRelu", read_prelu},
                                      {"Pad", read_pad},
                                      {"ReduceMean", read_reduce_mean, true},
                                      {"Relu", read_plain<ReLU>, true},
                                      {"Reshape", read_reshape},
                                      {"Resize", read_resize},
                                      {"Sigmoid", read_plain<Sigmoid>, true},
                                      {"Softmax", read_softmax},
                                      {"Squeeze", read_squeeze},
                                      {"Sub", read_arithmetic, true},
                                      {"Sum", read_arithmetic, true},
                                      {"Tanh", read_plain<Tanh>, true},
                                      {"Transpose", read_transpose, true},
                                      {"Unsqueeze", read_squeeze},
                                      {"Upsample", read_resize}};

}  // namespace

const OnnxOperator* onnx_operator(std::string_view type) {
    const auto* found = std::ranges::find(operators, type, &OnnxOperator::type);
    return found == std::end(operators) ? nullptr : found;
}

}  // namespace convlens
