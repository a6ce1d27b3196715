/// Networks computed with numbers of fewer bits: what their weights and activations lose.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/nn/network.h"
#include "engine/view/chart.h"

namespace convlens {

/// Formats of numbers. Values are rounded to the nearest number of the format, ties to even.
enum class NumberFormat {
    float32,
    bfloat16,      ///< 8 bits of significand, the exponents of float32.
    float16,       ///< 11 bits of significand, magnitudes up to 65504.
    int8_tensor,   ///< q s with -127 <= q <= 127; s = largest magnitude of the array / 127.
    int8_channel,  ///< The same with s of each output channel for weights; for activations as int8_tensor.
};
inline constexpr int number_formats = 5;
std::span<const std::string_view> number_format_names();

/// Returns `values` rounded to a format, as weights (N, ...) whose first axis is that of the output channels.
Tensor rounded(const Tensor& values, NumberFormat format);

struct PrecisionOptions {
    bool weights = true;  ///< Whether weights of convolutions and linear layers are rounded. Biases are not.
    bool activations =
        true;  ///< Whether the input and the outputs of layers are rounded, after the activation function.
    friend bool operator==(const PrecisionOptions&, const PrecisionOptions&) = default;
};

/// A layer's output with one format, compared with float32.
struct RoundedLayer {
    std::string name;
    /// Signal-to-noise ratio in dB: 10 log10(sum of y^2 / sum of (y' - y)^2); of all values, and of the worst channel
    /// that is not zero. Infinite if all values are the same, NaN if the output is zero.
    double snr = 0, worst_snr = 0;
    int worst_channel = 0;
};

/// All layers with one format.
struct RoundedNetwork {
    std::vector<RoundedLayer> layers;
    std::vector<double>
        channel_error;  ///< Norm of the error of each channel of the last layer over that of the channel.
    Tensor map;         ///< Channel `channel` of the last layer, (1, 1, H, W).
    /// Softmax of the last layer if it is a vector; empty otherwise. The values themselves if the layer is Softmax.
    std::vector<double> classes;
};

struct PrecisionResult {
    std::array<RoundedNetwork, number_formats> formats;
};

/// Runs a network on the one item of `input` with every format. Sums are computed in float32. Returns nullopt if
/// canceled. Fails if a layer can't run.
std::optional<Expected<PrecisionResult>> precision(const Network& network, const Tensor& input, int channel,
                                                   const PrecisionOptions& options, const Cancel& cancel);

/// Returns a chart of the signal-to-noise ratio over the layers, or of the error over the channels of the last layer.
Chart precision_chart(const PrecisionResult& result, bool channels);

}  // namespace convlens
