/// Reading of the operators with windows: convolution, pooling, padding.
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "engine/io/onnx_means.h"
#include "engine/io/onnx_operators.h"

namespace convlens {

using Result = OnnxResult;
using Sizes = OnnxShape;

namespace {

/// Reads the attribute `name`, a list of two sizes, into `size`, which keeps its value if there is none; of a value
/// (N, C, W), a list of one, which is the width.
Result read_pair(const OnnxReader& reader, const OnnxNode& node, std::string_view name, Size2& size) {
    auto list = node.integers(name);
    if (!list) return {};
    if (reader.rank() == 3 && list->size() == 1) list->insert(list->begin(), size.h);
    const auto h = list->size() == 2 ? to_int((*list)[0]) : std::nullopt, w = h ? to_int((*list)[1]) : std::nullopt;
    if (!w) return fail("has the {} {}, expected two sizes", name, shape_text(*list));
    size = {*h, *w};
    return {};
}

bool is_symmetric(const Padding& p) { return p.top == p.bottom && p.left == p.right; }

/// Kernel size, stride, dilation and padding of a Conv or of a pooling operator.
struct Window {
    Size2 kernel_size{1, 1}, stride{1, 1}, dilation{1, 1};
    Padding padding;

    bool symmetric() const { return is_symmetric(padding); }
    Size2 before() const { return {padding.top, padding.left}; }
};

/// Computes the padding of auto_pad SAME_UPPER or SAME_LOWER along one axis: the output has ceil(size / stride) values.
std::pair<int, int> same_padding(int size, int kernel, int stride, int dilation, bool upper) {
    const int total = std::max(((size + stride - 1) / stride - 1) * stride + (kernel - 1) * dilation + 1 - size, 0);
    const int less = total / 2, more = total - less;
    return upper ? std::pair(less, more) : std::pair(more, less);
}

Expected<Window> read_window(const OnnxReader& reader, const OnnxNode& node, Size2 kernel) {
    Window w;
    w.kernel_size = kernel;
    for (auto& [name, size] : {std::pair("kernel_shape", &w.kernel_size), std::pair("strides", &w.stride),
                               std::pair("dilations", &w.dilation)})
        if (auto ok = read_pair(reader, node, name, *size); !ok) return tl::unexpected(ok.error());
    if (std::min({w.kernel_size.h, w.kernel_size.w, w.stride.h, w.stride.w, w.dilation.h, w.dilation.w}) < 1)
        return fail("has a kernel, stride or dilation below 1");
    const std::string_view automatic = node.text("auto_pad").value_or("NOTSET");
    if (automatic == "SAME_UPPER" || automatic == "SAME_LOWER") {
        const bool any_size = w.stride == Size2{1, 1};
        if (!reader.shape() && !any_size)
            return fail("has the auto_pad {}, but the input has no fixed size", automatic);
        const Size2 size = reader.shape() ? Size2{reader.shape()->h, reader.shape()->w} : Size2{1, 1};
        const bool upper = automatic == "SAME_UPPER";
        std::tie(w.padding.top, w.padding.bottom) =
            same_padding(size.h, w.kernel_size.h, w.stride.h, w.dilation.h, upper);
        std::tie(w.padding.left, w.padding.right) =
            same_padding(size.w, w.kernel_size.w, w.stride.w, w.dilation.w, upper);
    } else if (automatic == "NOTSET") {
        auto pads = node.integers("pads").value_or(Sizes{0, 0, 0, 0});
        if (reader.rank() == 3 && pads.size() == 2) pads = {0, pads[0], 0, pads[1]};
        if (pads.size() != 4 || std::ranges::any_of(pads, [](auto p) { return p < 0 || p > max_hyper_parameter; }))
            return fail("has the pads {}, expected four sizes of at least 0", shape_text(pads));
        w.padding = {static_cast<int>(pads[0]), static_cast<int>(pads[2]), static_cast<int>(pads[1]),
                     static_cast<int>(pads[3])};
    } else if (automatic != "VALID") {
        return fail("has an unknown auto_pad {}", in_quotes(automatic));
    }
    return w;
}

/// Replaces a padding that differs on opposite sides by one that does not, with the same windows: with ceil_mode, the
/// last window may reach beyond the padding, where there are no values either.
Result make_symmetric(const OnnxReader& reader, Window& w, bool& ceil_mode) {
    if (w.symmetric()) return {};
    const Padding p = w.padding;
    const auto& in = reader.shape();
    const auto count = [](int size, int kernel, int stride, int dilation, int total) {
        return (size + total - (kernel - 1) * dilation - 1) / stride + 1;
    };
    w.padding = {p.top, p.top, p.left, p.left};
    for (const bool up : {false, true}) {
        if (!in || ceil_mode) break;
        const auto out = pooled_shape({w.kernel_size, w.stride, w.dilation, w.padding, PaddingMode::zeros, up}, *in);
        if (out && out->h == count(in->h, w.kernel_size.h, w.stride.h, w.dilation.h, p.top + p.bottom) &&
            out->w == count(in->w, w.kernel_size.w, w.stride.w, w.dilation.w, p.left + p.right)) {
            ceil_mode = up;
            return {};
        }
    }
    return fail("has a padding that differs on opposite sides");
}

/// Returns the shape of the kernels for values (N, C, H, W): of those for values (N, C, W), with a height of 1.
Sizes kernel_shape(const OnnxReader& reader, const OnnxConstant& weight) {
    Sizes shape = weight.shape();
    if (reader.rank() == 3 && shape.size() == 3) shape.insert(shape.begin() + 2, 1);
    return shape;
}

/// Reads a Conv; `outer`, if any, is the padding of the Pad before it, whose values are those of `mode`.
Result add_conv(OnnxReader& reader, const OnnxNode& node, const Padding* outer, PaddingMode mode) {
    if (reader.rank() < 3) return fail("reads a value of {} axes, expected 3 or 4", reader.rank());
    const auto weight = weight_of(reader, node, 1, "kernels");
    if (!weight) return tl::unexpected(weight.error());
    const Sizes shape = kernel_shape(reader, *weight);
    if (shape.size() != 4) return fail("has kernels {}, expected {} axes", shape_text(shape), reader.rank());
    const auto out = to_int(shape[0]), in = to_int(shape[1]), kh = to_int(shape[2]), kw = to_int(shape[3]),
               groups = to_int(node.integer("group").value_or(1));
    if (!out || !in || !kh || !kw || !groups || *groups < 1 || !to_int(std::int64_t{*in} * *groups))
        return fail("has kernels {}, which are too large", shape_text(shape));
    const auto window = read_window(reader, node, {*kh, *kw});
    if (!window) return tl::unexpected(window.error());
    if (window->kernel_size != Size2{*kh, *kw})
        return fail("has kernels {}, but another kernel_shape", shape_text(shape));
    Conv2dSpec spec{*in * *groups, *out, {*kh, *kw}, {}, false};
    spec.params.stride = window->stride;
    spec.params.dilation = window->dilation;
    spec.params.groups = *groups;
    // PyTorch's padding='same' has the odd row or column at the bottom or on the right.
    const auto same = [](int size, int dilation, int before, int after) {
        const int total = (size - 1) * dilation;
        return before == total / 2 && after == total - total / 2;
    };
    const Padding& p = outer ? *outer : window->padding;
    if (outer) spec.params.padding_mode = mode;
    const bool is_same = window->stride == Size2{1, 1} && same(*kh, window->dilation.h, p.top, p.bottom) &&
                         same(*kw, window->dilation.w, p.left, p.right);
    const bool needs_pad = !is_symmetric(p) && !is_same;
    if (needs_pad && outer) return fail("has a padding that differs on opposite sides");
    if (is_symmetric(p)) {
        spec.params.padding = {p.top, p.left};
    } else if (is_same) {
        spec.params.same = true;
    } else if (auto ok = reader.add(node, ZeroPad2d{p.left, p.right, p.top, p.bottom}, &*weight, ".pad"); !ok) {
        return ok;
    }
    const auto bias = reader.constant(node.input(2));
    if (!bias && !node.input(2).empty()) return fail("has no constant as its bias");
    if (bias && bias->shape() != Sizes{*out})
        return fail("has a bias {}, expected {}", shape_text(bias->shape()), *out);
    spec.bias = bias.has_value();
    if (auto ok = reader.add(node, spec, &*weight); !ok) return ok;
    reader.add_array("weight", shape, *weight);
    if (bias) reader.add_array("bias", {*out}, *bias);
    return {};
}

/// Returns the AvgPool2d with ceil_mode that onnx_write.cpp writes as an AveragePool and a Mul; nullopt if these nodes
/// are not that.
std::optional<OnnxPattern> ceil_mean(OnnxReader& reader, const OnnxNode& node, const Window& w) {
    const auto users = reader.users(node.outputs[0]);
    if (!reader.shape() || users.size() != 1 || users[0]->type != "Mul" || users[0]->outputs.empty() ||
        users[0]->input(0) != node.outputs[0])
        return std::nullopt;
    const Shape& in = *reader.shape();
    const AvgPool2d pool{w.kernel_size, w.stride, w.before(), true, true, {}};
    const auto out = output_shape(OperationSpec(pool), in);
    const auto factors = reader.constant(users[0]->input(1));
    if (!out || !factors || factors->shape() != Sizes{1, 1, out->h, out->w}) return std::nullopt;
    const auto values = reader.load(*factors);
    if (!values || values->values != mean_factors(pool, {in.h, in.w}, {out->h, out->w})) return std::nullopt;
    reader.go_on_after(*users[0], 2);
    return OnnxPattern{pool, users[0], 2};
}

}  // namespace

Result read_pool(OnnxReader& reader, const OnnxNode& node) {
    auto window = read_window(reader, node, {reader.rank() == 3 ? 1 : 0, 0});
    if (!window) return tl::unexpected(window.error());
    bool ceil_mode = node.integer("ceil_mode").value_or(0) != 0;
    const bool maximum = node.type == "MaxPool", with_padding = node.integer("count_include_pad").value_or(0) != 0;
    const auto too_large = [&] {  // for PyTorch
        return 2 * window->padding.top > window->kernel_size.h || 2 * window->padding.left > window->kernel_size.w;
    };
    if (!maximum && with_padding && (!window->symmetric() || (too_large() && !ceil_mode))) {
        if (const auto whole = ceil_mean(reader, node, *window)) return reader.add(*whole->last, whole->layer);
        const Padding sides = window->padding;
        if (auto ok = reader.add(node, ZeroPad2d{sides.left, sides.right, sides.top, sides.bottom}, nullptr, ".pad");
            !ok)
            return ok;
        window->padding = {};
    }
    const Padding p = window->padding;
    const Size2 k = window->kernel_size;
    if (auto ok = too_large() ? Result(fail("has a padding that is larger than half of the window"))
                              : make_symmetric(reader, *window, ceil_mode);
        !ok) {
        // A window without gaps that reaches over the border has the values at the border: repeating them changes no
        // maximum.
        const bool reaches = std::max(p.top, p.bottom) < k.h && std::max(p.left, p.right) < k.w;
        if (!maximum || ceil_mode || window->dilation != Size2{1, 1} || !reaches) return ok;
        if (auto padded = reader.add(node, ReplicationPad2d{p.left, p.right, p.top, p.bottom}, nullptr, ".pad");
            !padded)
            return padded;
        window->padding = {};
    }
    if (maximum)
        return reader.add(
            node, MaxPool2d{window->kernel_size, window->stride, window->before(), window->dilation, ceil_mode});
    if (window->dilation != Size2{1, 1}) return fail("has a dilation, expected none");
    return reader.add(node,
                      AvgPool2d{window->kernel_size, window->stride, window->before(), ceil_mode, with_padding, {}});
}

Result read_conv(OnnxReader& reader, const OnnxNode& node) {
    return add_conv(reader, node, nullptr, PaddingMode::zeros);
}

/// Reads a Pad: as nothing if it adds nothing, as PyTorch writes before an AveragePool; together with the Conv behind
/// it if the padding is not zeros and the Conv has none; otherwise as a layer.
Result read_pad(OnnxReader& reader, const OnnxNode& node) {
    const auto pads = reader.sizes(node, "pads", 1);
    if (!pads) return fail("has pads that are not constant");
    if (std::ranges::all_of(*pads, [](std::int64_t p) { return p == 0; })) return {};
    const std::string_view name = node.text("mode").value_or("constant");
    if (name == "constant" &&
        (node.real("value").value_or(0) != 0 || (!node.input(2).empty() && reader.scalar(node.input(2)) != 0.0F)))
        return fail("adds other values than 0");
    if (pads->size() != 8 || reader.rank() != 4 || !node.input(3).empty() ||
        std::ranges::any_of(*pads, [](auto p) { return p < 0 || p > max_hyper_parameter; }) || (*pads)[0] != 0 ||
        (*pads)[1] != 0 || (*pads)[4] != 0 || (*pads)[5] != 0)
        return fail("has the pads {}, expected only rows and columns", fmt::join(*pads, " "));
    const auto at = [&](std::size_t i) { return static_cast<int>((*pads)[i]); };
    const Padding p{at(2), at(6), at(3), at(7)};
    constexpr std::pair<std::string_view, PaddingMode> modes[] = {
        {"reflect", PaddingMode::reflect}, {"edge", PaddingMode::replicate}, {"wrap", PaddingMode::circular}};
    const auto users = reader.users(node.outputs[0]);
    for (const auto& [word, mode] : modes) {
        if (name != word || users.size() != 1 || users[0]->type != "Conv" || users[0]->outputs.empty()) continue;
        const auto window = read_window(reader, *users[0], {1, 1});
        if (!window || (!is_symmetric(p) && mode != PaddingMode::circular) ||
            window->padding.top + window->padding.bottom + window->padding.left + window->padding.right != 0)
            continue;
        reader.go_on_after(*users[0], 2);
        return add_conv(reader, *users[0], &p, mode);
    }
    if (name == "constant") return reader.add(node, ZeroPad2d{p.left, p.right, p.top, p.bottom});
    if (name == "reflect") return reader.add(node, ReflectionPad2d{p.left, p.right, p.top, p.bottom});
    if (name == "edge") return reader.add(node, ReplicationPad2d{p.left, p.right, p.top, p.bottom});
    return fail("has the mode {}", in_quotes(name));
}

namespace {

/// Sets padding and output_padding of a ConvTranspose2d: from the pads in `window`, or so that the output has the size
/// of output_shape or, with auto_pad, stride times that of the input. More padding at the beginning than at the end is
/// the same as output_padding.
Result read_trim(const OnnxReader& reader, const OnnxNode& node, const Window& window, ConvTranspose2dSpec& spec) {
    Size2 size{0, 0}, more{0, 0};
    if (auto ok = read_pair(reader, node, "output_padding", more); !ok) return ok;
    if (auto ok = read_pair(reader, node, "output_shape", size); !ok) return ok;
    const std::string_view automatic = node.text("auto_pad").value_or("NOTSET");
    const bool same = automatic.starts_with("SAME"), sized = same || node.integers("output_shape").has_value();
    if (sized && !reader.shape()) return fail("has an output_shape or auto_pad, but the input has no fixed size");
    const auto trim = [&](int in, int kernel, int stride, int dilation, int before, int after, int wanted, int& padding,
                          int& added) {
        const std::int64_t whole = std::int64_t{in - 1} * stride + std::int64_t{kernel - 1} * dilation + 1;
        std::int64_t first = before, last = std::int64_t{after} - added;
        if (sized) {
            const std::int64_t size_out = same && wanted == 0 ? std::int64_t{in} * stride : wanted;
            const std::int64_t total = std::max<std::int64_t>(whole + added - size_out, 0);
            first = automatic == "SAME_UPPER" ? total / 2 : total - total / 2;
            last = whole - size_out - first;
        }
        if (first < last || first > max_hyper_parameter || first - last > max_hyper_parameter) return false;
        padding = static_cast<int>(first);
        added = static_cast<int>(first - last);
        return true;
    };
    const Shape in = reader.shape().value_or(Shape{1, 1, 1, 1});
    const Padding& p = window.padding;
    spec.output_padding = more;
    if (!trim(in.h, spec.kernel_size.h, spec.stride.h, spec.dilation.h, p.top, p.bottom, size.h, spec.padding.h,
              spec.output_padding.h) ||
        !trim(in.w, spec.kernel_size.w, spec.stride.w, spec.dilation.w, p.left, p.right, size.w, spec.padding.w,
              spec.output_padding.w))
        return fail("has more padding at the end than at the beginning");
    return {};
}

}  // namespace

Result read_conv_transpose(OnnxReader& reader, const OnnxNode& node) {
    if (reader.rank() < 3) return fail("reads a value of {} axes, expected 3 or 4", reader.rank());
    const auto weight = weight_of(reader, node, 1, "kernels");
    if (!weight) return tl::unexpected(weight.error());
    const Sizes shape = kernel_shape(reader, *weight);
    if (shape.size() != 4) return fail("has kernels {}, expected {} axes", shape_text(shape), reader.rank());
    const auto in = to_int(shape[0]), out = to_int(shape[1]), kh = to_int(shape[2]), kw = to_int(shape[3]),
               groups = to_int(node.integer("group").value_or(1));
    if (!in || !out || !kh || !kw || !groups || *groups < 1 || !to_int(std::int64_t{*out} * *groups))
        return fail("has kernels {}, which are too large", shape_text(shape));
    const auto window = read_window(reader, node, {*kh, *kw});
    if (!window) return tl::unexpected(window.error());
    if (window->kernel_size != Size2{*kh, *kw})
        return fail("has kernels {}, but another kernel_shape", shape_text(shape));
    ConvTranspose2dSpec spec{*in,    *out * *groups, {*kh, *kw}, window->stride,  window->before(),
                             {0, 0}, *groups,        false,      window->dilation};
    if (auto ok = read_trim(reader, node, *window, spec); !ok) return ok;
    const auto bias = reader.constant(node.input(2));
    if (!bias && !node.input(2).empty()) return fail("has no constant as its bias");
    if (bias && bias->shape() != Sizes{spec.out_channels}) return fail("has a bias {}", shape_text(bias->shape()));
    spec.bias = bias.has_value();
    if (auto ok = reader.add(node, spec, &*weight); !ok) return ok;
    reader.add_array("weight", shape, *weight);
    if (bias) reader.add_array("bias", {spec.out_channels}, *bias);
    return {};
}

}  // namespace convlens
