/// Constants of ONNX files, and shapes that are computed from them.
#include <algorithm>
#include <cmath>

#include "engine/io/onnx_reader.h"

namespace convlens {
namespace {

constexpr int max_depth = 32;  ///< Of nodes that compute a constant.

}  // namespace

std::optional<OnnxConstant> OnnxReader::constant(std::string_view name) {
    bool transposed = false;
    for (int depth = 0; depth < max_depth; ++depth) {
        if (const auto at = tensors_.find(name); at != tensors_.end()) return OnnxConstant{at->second, transposed};
        const auto made = producers_.find(name);
        if (made == producers_.end() || made->second->inputs.empty()) return std::nullopt;
        const OnnxNode& node = *made->second;
        if (node.type == "Transpose") {
            const auto order = node.integers("perm");
            if (order && *order != std::vector<std::int64_t>{1, 0}) return std::nullopt;
            transposed = !transposed;
        } else if (node.type != "Identity" && node.type != "Cast") {
            return std::nullopt;
        }
        name = node.inputs[0];
    }
    return std::nullopt;
}

std::optional<OnnxSizes> OnnxReader::sizes(std::string_view name, int depth) {
    if (depth > max_depth || name.empty()) return std::nullopt;
    if (const auto at = tensors_.find(name); at != tensors_.end()) {
        if (const auto values = file_->integers(*at->second)) return OnnxSizes(values->begin(), values->end());
        // PyTorch's opset 7 has shapes as numbers with a fraction, and a Cast behind them.
        const auto values = at->second->count() <= 64 ? file_->load(*at->second) : Expected<Array>(fail("too many"));
        OnnxSizes whole;
        for (const float v : values ? values->values : std::vector<float>()) {
            if (!(std::abs(v) < 1e6F) || v != std::trunc(v)) return std::nullopt;
            whole.push_back(static_cast<std::int64_t>(v));
        }
        return whole.empty() ? std::nullopt : std::optional(std::move(whole));
    }
    const auto made = producers_.find(name);
    return made == producers_.end() ? std::nullopt : fold(*made->second, depth + 1);
}

std::optional<OnnxSizes> OnnxReader::fold(const OnnxNode& node, int depth) {
    const std::string_view type = node.type;
    if (type == "Constant") {
        if (const auto list = node.integers("value_ints")) return OnnxSizes(list->begin(), list->end());
        if (const auto one = node.integer("value_int")) return OnnxSizes{*one};
        return std::nullopt;
    }
    if (type == "Shape") {
        const auto known = shapes_.find(node.input(0));
        if (known == shapes_.end()) return std::nullopt;
        const auto& [rank, shape] = known->second;
        OnnxSizes all{std::nullopt, shape.c};  // the number of images is not fixed
        if (rank == 4) all.insert(all.end(), shape.h);
        if (rank >= 3) all.insert(all.end(), shape.w);
        return all;
    }
    auto first = sizes(node.input(0), depth);
    if (!first) return std::nullopt;
    const auto limited = [](OnnxSizes s) { return s.size() <= 64 ? std::optional(std::move(s)) : std::nullopt; };
    if (type == "Identity" || type == "Cast" || type == "Unsqueeze" || type == "Squeeze") return first;
    if (type == "Concat") {
        for (std::size_t i = 1; i < node.inputs.size() && first->size() <= 64; ++i) {
            const auto next = sizes(node.inputs[i], depth);
            if (!next) return std::nullopt;
            first->insert(first->end(), next->begin(), next->end());
        }
        return limited(std::move(*first));
    }
    const auto second = sizes(node.input(1), depth);
    const auto count = static_cast<std::int64_t>(first->size());
    if (type == "Gather") {
        if (!second) return std::nullopt;
        OnnxSizes chosen;
        for (const auto& index : *second) {
            if (!index || *index < -count || *index >= count) return std::nullopt;
            chosen.push_back((*first)[static_cast<std::size_t>(*index < 0 ? *index + count : *index)]);
        }
        return chosen;
    }
    if (type == "Slice") {
        const auto begins = sizes(node, "starts", 1), ends = sizes(node, "ends", 2);
        if (!begins || !ends || begins->size() != 1 || ends->size() != 1 || !node.input(4).empty()) return std::nullopt;
        const auto at = [&](std::int64_t i) { return std::clamp<std::int64_t>(i < 0 ? i + count : i, 0, count); };
        const std::int64_t from = at((*begins)[0]), to = std::max(at((*ends)[0]), from);
        return OnnxSizes(first->begin() + from, first->begin() + to);
    }
    if ((type == "Mul" || type == "Add" || type == "Sub" || type == "Div") && second && second->size() == 1 &&
        first->size() == 1) {
        const auto &a = (*first)[0], &b = (*second)[0];
        std::int64_t result = 0;
        if (!a || !b) return OnnxSizes{std::nullopt};
        const bool overflow = type == "Mul"   ? __builtin_mul_overflow(*a, *b, &result)
                              : type == "Add" ? __builtin_add_overflow(*a, *b, &result)
                              : type == "Sub" ? __builtin_sub_overflow(*a, *b, &result)
                                              : *b <= 0 || (result = *a / *b, false);
        if (!overflow) return OnnxSizes{result};
    }
    return std::nullopt;
}

std::optional<std::vector<std::int64_t>> OnnxReader::sizes(const OnnxNode& node, std::string_view attribute,
                                                           std::size_t i) {
    if (auto fixed = node.integers(attribute)) return fixed;
    const auto given = sizes(node.input(i));
    if (!given || std::ranges::any_of(*given, [](const auto& s) { return !s; })) return std::nullopt;
    std::vector<std::int64_t> result;
    for (const auto& size : *given) result.push_back(*size);
    return result;
}

std::optional<float> OnnxReader::scalar(std::string_view name) {
    const auto found = constant(name);
    if (!found || found->tensor->count() != 1) return std::nullopt;
    const auto values = file_->load(*found->tensor);
    return values ? std::optional(values->values[0]) : std::nullopt;
}

}  // namespace convlens
