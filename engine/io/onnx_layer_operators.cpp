/// Reading of the operators that change sizes or depend on neighbors, and of several nodes that are one layer.
#include <algorithm>
#include <cmath>

#include "engine/io/onnx_operators.h"

namespace convlens {

using Result = OnnxResult;
using Sizes = OnnxShape;

namespace {

/// Returns the node that uses the output of `node`, if it is the only one and has the type `type`; otherwise null.
const OnnxNode* next_of(const OnnxReader& reader, const OnnxNode& node, std::string_view type) {
    if (node.outputs.empty()) return nullptr;
    const auto users = reader.users(node.outputs[0]);
    return users.size() == 1 && users[0]->type == type && !users[0]->outputs.empty() ? users[0] : nullptr;
}

/// Returns the other input of a node with two inputs, one of which is `value`; empty if it has not.
std::string_view other_input(const OnnxNode& node, std::string_view value) {
    if (node.inputs.size() != 2 || node.outputs.empty()) return {};
    return node.inputs[0] == value ? node.inputs[1] : node.inputs[1] == value ? node.inputs[0] : std::string_view();
}

bool is_near(std::optional<float> value, double expected) {
    return value && std::abs(static_cast<double>(*value) - expected) < 1e-4 * std::abs(expected);
}

/// Returns SiLU or Hardswish for x * Sigmoid(x) or x * HardSigmoid(x): `gate` is the first of these nodes, `product`
/// the second.
std::optional<OnnxPattern> gated(OnnxReader& reader, const OnnxNode& gate, const OnnxNode& product) {
    if (product.type != "Mul" || next_of(reader, gate, "Mul") != &product ||
        other_input(product, reader.value()) != gate.outputs[0])
        return std::nullopt;
    if (gate.type == "Sigmoid") return OnnxPattern{SiLU{}, &product, 2};
    if (gate.type == "HardSigmoid" && is_near(gate.real("alpha"), 1.0 / 6) &&
        is_near(gate.real("beta").value_or(0.5F), 0.5))
        return OnnxPattern{Hardswish{}, &product, 2};
    return std::nullopt;
}

/// Returns GELU for x * (Erf(x / sqrt(2)) + 1) * 0.5, as PyTorch writes it.
std::optional<OnnxPattern> gaussian(OnnxReader& reader, const OnnxNode& division, const OnnxNode& product) {
    if (division.type != "Div" || division.input(0) != reader.value() || product.type != "Mul" ||
        !is_near(reader.scalar(division.input(1)), std::sqrt(2.0)))
        return std::nullopt;
    const OnnxNode* erf = next_of(reader, division, "Erf");
    const OnnxNode* add = erf ? next_of(reader, *erf, "Add") : nullptr;
    if (!add || !is_near(reader.scalar(other_input(*add, erf->outputs[0])), 1) ||
        next_of(reader, *add, "Mul") != &product || other_input(product, reader.value()) != add->outputs[0])
        return std::nullopt;
    const OnnxNode* half = next_of(reader, product, "Mul");
    if (!half || !is_near(reader.scalar(other_input(*half, product.outputs[0])), 0.5)) return std::nullopt;
    return OnnxPattern{GELU{}, half, 5};
}

/// Returns LayerNorm2d for a layer normalization over the last axis, the channels, as PyTorch writes it before opset
/// 17: x - mean(x), divided by sqrt(mean of its squares + eps), times a weight, plus a bias.
std::optional<OnnxPattern> normalized(OnnxReader& reader, const OnnxNode& mean, const OnnxNode& sub) {
    const auto is_mean = [&](const OnnxNode& node) {
        const auto axes = reader.sizes(node, "axes", 1);
        return node.type == "ReduceMean" && (axes == Sizes{-1} || axes == Sizes{3}) &&
               node.integer("keepdims").value_or(1) == 1 && !node.outputs.empty();
    };
    if (!reader.channels_last() || !is_mean(mean) || sub.type != "Sub" || next_of(reader, mean, "Sub") != &sub ||
        sub.input(0) != reader.value() || sub.input(1) != mean.outputs[0])
        return std::nullopt;
    const auto both = reader.users(sub.outputs[0]);
    if (both.size() != 2) return std::nullopt;
    const bool first = both[0]->type == "Pow";
    const OnnxNode &square = *both[first ? 0 : 1], &division = *both[first ? 1 : 0];
    if (square.type != "Pow" || reader.scalar(square.input(1)) != 2.0F) return std::nullopt;
    const OnnxNode* variance = next_of(reader, square, "ReduceMean");
    const OnnxNode* add = variance && is_mean(*variance) ? next_of(reader, *variance, "Add") : nullptr;
    const auto eps = add ? reader.scalar(other_input(*add, variance->outputs[0])) : std::nullopt;
    const OnnxNode* root = eps ? next_of(reader, *add, "Sqrt") : nullptr;
    if (!root || next_of(reader, *root, "Div") != &division || division.input(0) != sub.outputs[0] ||
        division.input(1) != root->outputs[0] || !reader.channels())
        return std::nullopt;
    OnnxPattern found{LayerNorm2dSpec{*reader.channels(), *eps, false}, &division, 7};
    const auto values = [&](const OnnxNode& node, std::string_view x) -> std::optional<OnnxConstant> {
        const auto constant = reader.constant(other_input(node, x));
        return constant && constant->shape() == Sizes{*reader.channels()} ? constant : std::nullopt;
    };
    const OnnxNode* scale = next_of(reader, division, "Mul");
    const OnnxNode* shift = scale ? next_of(reader, *scale, "Add") : nullptr;
    const auto weight = scale ? values(*scale, division.outputs[0]) : std::nullopt;
    const auto bias = weight && shift ? values(*shift, scale->outputs[0]) : std::nullopt;
    if (!bias) return found;
    return OnnxPattern{
        LayerNorm2dSpec{*reader.channels(), *eps, true}, shift, 9, {{"weight", *weight}, {"bias", *bias}}};
}

/// Adds an Upsample with these scale factors of (N, C, H, W).
Result add_upsample(OnnxReader& reader, const OnnxNode& node, const std::vector<double>& scales, UpsampleMode mode,
                    bool align_corners) {
    Sizes factors;
    for (const double scale : scales) {
        const double whole = std::round(scale);
        if (!(std::abs(scale - whole) < 1e-6) || whole < 1 || whole > max_hyper_parameter)
            return fail("has the scale factor {:g}, expected a whole number", scale);
        factors.push_back(static_cast<std::int64_t>(whole));
    }
    if (factors.size() != 4 || factors[0] != 1 || factors[1] != 1)
        return fail("has scale factors other than those of rows and columns");
    return reader.add(node,
                      Upsample{{static_cast<int>(factors[2]), static_cast<int>(factors[3])}, mode, align_corners});
}

}  // namespace

std::optional<OnnxPattern> onnx_pattern(OnnxReader& reader, const std::vector<const OnnxNode*>& users) {
    if (users.size() != 2 || users[0]->outputs.empty() || users[1]->outputs.empty()) return std::nullopt;
    for (const auto& [first, last] : {std::pair(users[0], users[1]), std::pair(users[1], users[0])}) {
        if (auto found = gated(reader, *first, *last)) return found;
        if (auto found = gaussian(reader, *first, *last)) return found;
        if (auto found = normalized(reader, *first, *last)) return found;
    }
    return std::nullopt;
}

Result read_resize(OnnxReader& reader, const OnnxNode& node) {
    const bool old = node.type == "Upsample" || reader.opset() < 11;
    const std::string_view kind = node.text("mode").value_or("nearest");
    const std::string_view place =
        old ? "asymmetric" : node.text("coordinate_transformation_mode").value_or("half_pixel");
    const bool linear = kind == "linear" || kind == "bilinear";
    const std::string_view rounding = old ? "floor" : node.text("nearest_mode").value_or("round_prefer_floor");
    const bool half = place == "half_pixel" || place == "pytorch_half_pixel";
    // With whole factors, rounding of the center is the same as rounding the corner down.
    const bool nearest_fits =
        (half && rounding.starts_with("round_prefer")) || (place == "asymmetric" && rounding == "floor");
    if (linear ? !half && place != "align_corners" : kind != "nearest" || !nearest_fits)
        return fail("has the mode {} with {} {}", in_quotes(kind), in_quotes(place), in_quotes(rounding));
    std::vector<double> scales;
    const std::size_t scale_input = old ? 1 : 2;
    if (const auto list = node.reals("scales")) {
        scales.assign(list->begin(), list->end());
    } else if (const auto given = reader.constant(node.input(scale_input)); given && given->tensor->count() == 4) {
        const auto values = reader.load(*given);
        if (!values) return tl::unexpected(values.error());
        scales.assign(values->values.begin(), values->values.end());
    } else if (const auto sizes = reader.sizes(node.input(3)); sizes && sizes->size() == 4 && reader.shape()) {
        const Shape& in = *reader.shape();
        const int extents[] = {1, in.c, in.h, in.w};
        scales = {1.0};  // the number of images stays
        for (std::size_t i = 1; i < 4; ++i)
            scales.push_back((*sizes)[i] ? static_cast<double>(*(*sizes)[i]) / extents[i] : 0.0);
    } else {
        return fail("has no constant scale factors");
    }
    return add_upsample(reader, node, scales, linear ? UpsampleMode::bilinear : UpsampleMode::nearest,
                        linear && place == "align_corners");
}

Result read_depth_to_space(OnnxReader& reader, const OnnxNode& node) {
    const auto factor = to_int(node.integer("blocksize").value_or(0));
    if (node.text("mode").value_or("DCR") != "CRD") return fail("has another order of channels than PixelShuffle");
    if (!factor) return fail("has a blocksize that is too large");
    return reader.add(node, PixelShuffle{*factor});
}

Result read_lrn(OnnxReader& reader, const OnnxNode& node) {
    const auto size = to_int(node.integer("size").value_or(0));
    if (!size || *size % 2 == 0) return fail("has the size {}, expected an odd one", node.integer("size").value_or(0));
    return reader.add(node, LocalResponseNorm{*size, node.real("alpha").value_or(1e-4F),
                                              node.real("beta").value_or(0.75F), node.real("bias").value_or(1.0F)});
}

}  // namespace convlens
