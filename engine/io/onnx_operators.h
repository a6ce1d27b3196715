/// Functions that read operators of ONNX, and what they share.
#pragma once

#include <optional>
#include <vector>

#include "engine/io/onnx_reader.h"
#include "engine/nn/check.h"

namespace convlens {

using OnnxResult = OnnxReader::Result;
using OnnxShape = std::vector<std::int64_t>;

/// Returns the number as an int; nullopt if it is beyond max_hyper_parameter.
inline std::optional<int> to_int(std::int64_t value) {
    if (value < -max_hyper_parameter || value > max_hyper_parameter) return std::nullopt;
    return static_cast<int>(value);
}

/// Returns the constant that is input i. Fails if there is none; `what` is its name in the message.
Expected<OnnxConstant> weight_of(OnnxReader& reader, const OnnxNode& node, std::size_t i, std::string_view what);

// onnx_window_operators.cpp
OnnxResult read_conv(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_pool(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_pad(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_conv_transpose(OnnxReader& reader, const OnnxNode& node);

// onnx_weight_operators.cpp
OnnxResult read_gemm(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_matmul(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_arithmetic(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_batch_norm(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_group_norm(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_prelu(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_layer_norm(OnnxReader& reader, const OnnxNode& node);

// onnx_layer_operators.cpp
OnnxResult read_resize(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_depth_to_space(OnnxReader& reader, const OnnxNode& node);
OnnxResult read_lrn(OnnxReader& reader, const OnnxNode& node);

}  // namespace convlens
