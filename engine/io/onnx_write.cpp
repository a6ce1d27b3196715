/// Writing of layers as operators of ONNX.
#include <algorithm>
#include <numeric>

#include "engine/core/overloaded.h"
#include "engine/io/onnx.h"
#include "engine/io/onnx_means.h"
#include "engine/io/onnx_writer.h"
#include "engine/nn/graph.h"
#include "engine/nn/normalize.h"

namespace convlens {
namespace {

using Result = Expected<void>;

void write_pad(OnnxWriter& w, const Padding& p, std::string_view mode, std::string_view part) {
    w.node("Pad", {w.integers("pads", {0, 0, p.top, p.left, 0, 0, p.bottom, p.right})},
           OnnxAttributes().text("mode", mode), part);
}

void write(OnnxWriter& w, const Conv2d& conv) {
    w.unflatten();
    const Shape& shape = conv.weight->shape();
    const Padding p = resolve_padding(conv.params, {shape.h, shape.w});
    const bool zeros = conv.params.padding_mode == PaddingMode::zeros, none = p.top + p.bottom + p.left + p.right == 0;
    if (!zeros && !none) {
        constexpr std::string_view modes[] = {"constant", "reflect", "edge", "wrap"};
        if (conv.params.padding_mode == PaddingMode::circular) w.needs(19);
        write_pad(w, p, modes[static_cast<std::size_t>(conv.params.padding_mode)], "/pad");
    }
    std::vector<float> weight(conv.weight->values().begin(), conv.weight->values().end());
    if (conv.params.flip)
        for (auto at = weight.begin(); at != weight.end(); at += static_cast<std::ptrdiff_t>(shape.plane()))
            std::reverse(at, at + static_cast<std::ptrdiff_t>(shape.plane()));
    std::vector<std::string> inputs{w.tensor("weight", {shape.n, shape.c, shape.h, shape.w}, weight)};
    if (conv.bias) inputs.push_back(w.tensor("bias", {shape.n}, *conv.bias));
    const Padding q = zeros ? p : Padding{};
    w.node("Conv", inputs,
           OnnxAttributes()
               .integers("kernel_shape", {shape.h, shape.w})
               .integers("strides", {conv.params.stride.h, conv.params.stride.w})
               .integers("dilations", {conv.params.dilation.h, conv.params.dilation.w})
               .integers("pads", {q.top, q.left, q.bottom, q.right})
               .integer("group", conv.params.groups));
}

/// The padding of a pooling layer, so large at the bottom and on the right that the last window lies in it, which
/// replaces ceil_mode.
Padding pool_padding(const OnnxWriter& w, Size2 kernel, Size2 stride, Size2 padding, Size2 dilation) {
    const auto after = [](int in, int out, int k, int s, int p, int d) {
        return std::max((out - 1) * s + (k - 1) * d + 1 - in - p, p);
    };
    const Shape &in = w.input(), &out = w.output();
    return {padding.h, after(in.h, out.h, kernel.h, stride.h, padding.h, dilation.h), padding.w,
            after(in.w, out.w, kernel.w, stride.w, padding.w, dilation.w)};
}

OnnxAttributes pool_attributes(Size2 kernel, Size2 stride, const Padding& p) {
    return OnnxAttributes()
        .integers("kernel_shape", {kernel.h, kernel.w})
        .integers("strides", {stride.h, stride.w})
        .integers("pads", {p.top, p.left, p.bottom, p.right});
}

void write(OnnxWriter& w, const MaxPool2d& p) {
    w.unflatten();
    auto attributes =
        pool_attributes(p.kernel_size, p.stride, pool_padding(w, p.kernel_size, p.stride, p.padding, p.dilation));
    if (p.dilation != Size2{1, 1}) attributes.integers("dilations", {p.dilation.h, p.dilation.w});
    w.node("MaxPool", {}, attributes);
}

/// Only the padding counts for the mean, not the rows and columns beyond it that the last windows have with ceil_mode.
/// ONNX divides by the size of the kernel, and a factor mends the last windows.
void write(OnnxWriter& w, const AvgPool2d& p) {
    w.unflatten();
    const Padding padding = pool_padding(w, p.kernel_size, p.stride, p.padding, {1, 1});
    const bool wider = padding.bottom != padding.top || padding.right != padding.left;
    const bool counts = (p.count_include_pad && p.padding != Size2{0, 0}) || p.divisor_override;
    const auto attributes = pool_attributes(p.kernel_size, p.stride, padding).integer("count_include_pad", counts);
    if (!p.divisor_override && !(counts && wider)) return w.node("AveragePool", {}, attributes);
    w.node("AveragePool", {}, attributes, "/mean");
    if (!p.divisor_override) {
        const Size2 out{w.output().h, w.output().w};
        const auto factors = mean_factors(p, {w.input().h, w.input().w}, out);
        return w.node("Mul", {w.tensor("factors", {1, 1, out.h, out.w}, factors)});
    }
    const float factor = static_cast<float>(p.kernel_size.h) * static_cast<float>(p.kernel_size.w) /
                         static_cast<float>(*p.divisor_override);
    w.node("Mul", {w.tensor("factor", {}, std::span(&factor, 1))});
}

void write(OnnxWriter& w, const AdaptiveAvgPool2d& p) {
    w.unflatten();
    const Shape& in = w.input();
    const Size2 out = p.output_size;
    if (out == Size2{1, 1}) return w.node("GlobalAveragePool");
    if (in.h % out.h == 0 && in.w % out.w == 0)
        return w.node("AveragePool", {},
                      pool_attributes({in.h / out.h, in.w / out.w}, {in.h / out.h, in.w / out.w}, {}));
    // ONNX has no such operator: the means of rows, then those of columns, as products of matrices.
    w.node_on_right("MatMul", w.tensor("rows", {out.h, in.h}, adaptive_means(in.h, out.h, false)), "/rows");
    w.node("MatMul", {w.tensor("columns", {in.w, out.w}, adaptive_means(in.w, out.w, true))});
}

/// Writes the array of a normalization layer; a null pointer stands for `other` everywhere.
std::string channel_tensor(OnnxWriter& w, std::string_view name, const SharedValues& values, int channels,
                           float other) {
    return w.tensor(name, {channels}, values ? *values : std::vector<float>(static_cast<std::size_t>(channels), other));
}

void write(OnnxWriter& w, const BatchNorm2d& l) {
    const int c = l.spec.num_features;
    const std::vector<std::string> arrays{
        channel_tensor(w, "weight", l.weight, c, 1), channel_tensor(w, "bias", l.bias, c, 0),
        channel_tensor(w, "running_mean", l.running_mean, c, 0), channel_tensor(w, "running_var", l.running_var, c, 1)};
    w.node("BatchNormalization", arrays, OnnxAttributes().real("epsilon", l.spec.eps));
}

void write(OnnxWriter& w, const GroupNorm& l) {
    w.unflatten();
    const int c = l.spec.num_channels;
    const std::vector<std::string> arrays{channel_tensor(w, "weight", l.weight, c, 1),
                                          channel_tensor(w, "bias", l.bias, c, 0)};
    OnnxAttributes attributes;
    attributes.real("epsilon", l.spec.eps);
    if (l.spec.num_groups == c) return w.node("InstanceNormalization", arrays, attributes);
    w.needs(21);  // before, there was one scale per group
    w.node("GroupNormalization", arrays, attributes.integer("num_groups", l.spec.num_groups));
}

void write(OnnxWriter& w, const Linear& l) {
    w.flatten();
    std::vector<std::string> inputs{w.tensor("weight", {l.spec.out_features, l.spec.in_features}, l.weight->values())};
    if (l.bias) inputs.push_back(w.tensor("bias", {l.spec.out_features}, *l.bias));
    w.node("Gemm", inputs, OnnxAttributes().integer("transB", 1));
}

void write(OnnxWriter& w, const Flatten& /*layer*/) {
    w.node("Flatten", {}, OnnxAttributes().integer("axis", 1));
    w.set_rank(2);
}

void write(OnnxWriter& w, const Dropout& l) { w.node("Dropout", {w.tensor("ratio", {}, std::span(&l.p, 1))}); }
void write(OnnxWriter& w, const ReLU& /*layer*/) { w.node("Relu"); }
void write(OnnxWriter& w, const LeakyReLU& l) {
    w.node("LeakyRelu", {}, OnnxAttributes().real("alpha", l.negative_slope));
}
void write(OnnxWriter& w, const Sigmoid& /*layer*/) { w.node("Sigmoid"); }

void write(OnnxWriter& w, const PReLU& l) {
    if (l.spec.num_parameters == 1 || w.rank() == 2)
        return w.node("PRelu", {w.tensor("weight", {l.spec.num_parameters}, *l.weight)});
    w.node("PRelu", {w.tensor("weight", {l.spec.num_parameters, 1, 1}, *l.weight)});
}

void write_clip(OnnxWriter& w, float low, float high) {
    const std::string least = w.tensor("min", {}, std::span(&low, 1));
    w.node("Clip", {least, w.tensor("max", {}, std::span(&high, 1))});
}
void write(OnnxWriter& w, const ReLU6& /*layer*/) { write_clip(w, 0, 6); }
void write(OnnxWriter& w, const Hardtanh& l) { write_clip(w, l.min_val, l.max_val); }
void write(OnnxWriter& w, const ELU& l) { w.node("Elu", {}, OnnxAttributes().real("alpha", l.alpha)); }
void write(OnnxWriter& w, const Hardsigmoid& /*layer*/) {
    w.node("HardSigmoid", {}, OnnxAttributes().real("alpha", 1.0F / 6).real("beta", 0.5F));
}
void write(OnnxWriter& w, const Hardswish& /*layer*/) {
    w.needs(14);
    w.node("HardSwish");
}
void write(OnnxWriter& w, const GELU& /*layer*/) {
    w.needs(20);
    w.node("Gelu");
}
void write(OnnxWriter& w, const SiLU& /*layer*/) {
    const std::string x = w.value();
    w.node("Sigmoid", {}, {}, "/sigmoid");
    w.node("Mul", {x});
}

template <PaddingMode mode>
void write(OnnxWriter& w, const Pad2d<mode>& p) {
    w.unflatten();
    write_pad(w, p.padding(),
              mode == PaddingMode::zeros     ? "constant"
              : mode == PaddingMode::reflect ? "reflect"
                                             : "edge",
              "");
}

void write(OnnxWriter& w, const Upsample& l) {
    w.unflatten();
    const float scales[] = {1, 1, static_cast<float>(l.scale_factor.h), static_cast<float>(l.scale_factor.w)};
    const bool nearest = l.mode == UpsampleMode::nearest;
    OnnxAttributes attributes;
    attributes.text("mode", nearest ? "nearest" : "linear")
        .text("coordinate_transformation_mode", nearest           ? "asymmetric"
                                                : l.align_corners ? "align_corners"
                                                                  : "half_pixel");
    if (nearest) attributes.text("nearest_mode", "floor");
    w.node("Resize", {"", w.tensor("scales", {4}, scales)}, attributes);
}

void write(OnnxWriter& w, const PixelShuffle& l) {
    w.unflatten();
    w.node("DepthToSpace", {}, OnnxAttributes().integer("blocksize", l.upscale_factor).text("mode", "CRD"));
}

void write(OnnxWriter& w, const LayerNorm2d& l) {
    w.unflatten();
    w.needs(17);
    const int c = l.spec.num_channels;
    w.node("Transpose", {}, OnnxAttributes().integers("perm", {0, 2, 3, 1}), "/channels_last");
    const std::vector<std::string> arrays{channel_tensor(w, "weight", l.weight, c, 1),
                                          channel_tensor(w, "bias", l.bias, c, 0)};
    w.node("LayerNormalization", arrays, OnnxAttributes().integer("axis", -1).real("epsilon", l.spec.eps), "/norm");
    w.node("Transpose", {}, OnnxAttributes().integers("perm", {0, 3, 1, 2}));
}

void write(OnnxWriter& w, const ConvTranspose2d& l) {
    w.unflatten();
    const ConvTranspose2dSpec& s = l.spec;
    std::vector<std::string> inputs{w.tensor(
        "weight", {s.in_channels, s.out_channels / s.groups, s.kernel_size.h, s.kernel_size.w}, l.weight->values())};
    if (l.bias) inputs.push_back(w.tensor("bias", {s.out_channels}, *l.bias));
    w.node("ConvTranspose", inputs,
           OnnxAttributes()
               .integers("kernel_shape", {s.kernel_size.h, s.kernel_size.w})
               .integers("strides", {s.stride.h, s.stride.w})
               .integers("dilations", {s.dilation.h, s.dilation.w})
               .integers("pads", {s.padding.h, s.padding.w, s.padding.h, s.padding.w})
               .integers("output_padding", {s.output_padding.h, s.output_padding.w})
               .integer("group", s.groups));
}
void write(OnnxWriter& w, const Tanh& /*layer*/) { w.node("Tanh"); }
void write(OnnxWriter& w, const Softmax& /*layer*/) { w.node("Softmax", {}, OnnxAttributes().integer("axis", 1)); }

Result write_adaptive_max(OnnxWriter& w, const AdaptiveMaxPool2d& p) {
    w.unflatten();
    const Shape& in = w.input();
    const Size2 out = p.output_size;
    if (out == Size2{1, 1}) {
        w.node("GlobalMaxPool");
    } else if (in.h % out.h == 0 && in.w % out.w == 0) {
        const Size2 bin{in.h / out.h, in.w / out.w};
        w.node("MaxPool", {}, pool_attributes(bin, bin, {}));
    } else {
        return fail("{}: ONNX has no operator for AdaptiveMaxPool2d to {} of {} x {}", w.layer(), to_string(out), in.h,
                    in.w);
    }
    return {};
}

Result write_response_norm(OnnxWriter& w, const LocalResponseNorm& l) {
    if (l.size % 2 == 0)
        return fail("{}: the LRN of ONNX has an odd size, but the layer's size is {}", w.layer(), l.size);
    w.unflatten();
    w.node("LRN", {},
           OnnxAttributes().integer("size", l.size).real("alpha", l.alpha).real("beta", l.beta).real("bias", l.k));
    return {};
}

/// Writes a layer with several inputs; one with a single input passes it on.
void write_join(OnnxWriter& w, JoinRule rule) {
    std::vector<std::string> values;
    bool flat = true;
    for (std::size_t k = 0; k < w.input_count(); ++k) w.take_input(k), flat = flat && w.rank() == 2;
    for (std::size_t k = 0; k < w.input_count(); ++k) {
        w.take_input(k);
        if (!flat) w.unflatten();
        values.push_back(w.value());
    }
    w.take_input(0);
    if (values.size() == 1 && rule != JoinRule::concat) return w.node("Sum");  // of one value: the value
    if (!flat) w.set_value(values[0], 4);
    if (rule == JoinRule::concat)
        return w.node("Concat", {values.begin() + 1, values.end()}, OnnxAttributes().integer("axis", 1));
    if (rule == JoinRule::sum && values.size() > 2) return w.node("Sum", {values.begin() + 1, values.end()});
    for (std::size_t k = 1; k < values.size(); ++k)
        w.node(rule == JoinRule::sum ? "Add" : "Mul", {values[k]}, {},
               k + 1 < values.size() ? fmt::format("/{}", k) : std::string());
}

Result write_layer(OnnxWriter& w, const Operation& operation) {
    return std::visit(Overloaded{[&](const LocallyConnected2d&) -> Result {
                                     return fail("{}: ONNX has no operator for LocallyConnected2d", w.layer());
                                 },
                                 [&](const AdaptiveMaxPool2d& p) -> Result { return write_adaptive_max(w, p); },
                                 [&](const LocalResponseNorm& l) -> Result { return write_response_norm(w, l); },
                                 [&]<class Any>(const Any& layer) -> Result {
                                     if constexpr (JoinLayer<SpecOf<Any>>)
                                         write_join(w, TraitsOf<Any>::join);
                                     else
                                         write(w, layer);
                                     return {};
                                 }},
                      operation);
}

}  // namespace

Expected<std::vector<std::byte>> encode_onnx(const Network& network, std::string_view name, Normalize normalize,
                                             const Shape& input) {
    if (network.layers.empty()) return fail("{}: expected a network with at least one layer", name);
    constexpr std::uint64_t most = std::uint64_t{1} << 31U;  // of protobuf
    std::uint64_t bytes = 0;
    for (const Layer& layer : network.layers)
        visit_arrays(layer.operation, [&](std::string_view, const auto& array) {
            if (array) bytes += array->size() * sizeof(float);
        });
    if (bytes >= most - (most >> 6U)) return fail("{}: an ONNX file has at most 2 GiB, expected fewer weights", name);
    OnnxWriter writer(name, input);
    std::vector<Shape> shapes{input};
    for (int i = 0; i < static_cast<int>(network.layers.size()); ++i) {
        const Layer& layer = network.layers[static_cast<std::size_t>(i)];
        const auto output = output_shape(layer, input_shapes(network.layers, i, shapes));
        if (!output) return tl::unexpected(output.error());
        writer.begin_layer(layer, inputs_of(network.layers, i), *output);
        if (auto ok = write_layer(writer, layer.operation); !ok) return tl::unexpected(ok.error());
        writer.end_layer();
        shapes.push_back(*output);
    }
    return writer.finish({{"normalize", std::string(to_string(normalize))}});
}

}  // namespace convlens
