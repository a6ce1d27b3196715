/// Interface of the vector loops of training, which process sixteen images side by side.
///
/// Layout: value i of a block of lane_images images (i counts channels, rows, columns; columns fastest) is at i *
/// lane_images + image. All images of a batch have the same shape, so the vectors are full and aligned for any kernel,
/// stride, padding and width of a layer.
#pragma once

#include <cstddef>

namespace convlens {

/// Number of images in a block. It is the same for every instruction set, so that sums are computed in the same order
/// on every machine.
inline constexpr int lane_images = 16;

/// Maximum number of output channels per call of LaneLoops::sums and LaneLoops::correlate, and maximum number of taps
/// per call of LaneLoops::correlate.
inline constexpr int lane_tile = 5;

/// A row of sums of products: output[o][p] = bias[o] + sum over t of weights[t][o] * input[p * input_step + taps[t]].
/// Offsets and steps are in floats.
struct LaneSums {
    const float* input = nullptr;
    std::ptrdiff_t input_step = 0;  ///< From one position to the next.
    const std::ptrdiff_t* taps = nullptr;
    int tap_count = 0;
    const float* weights = nullptr;  ///< tap_count * outputs values.
    const float* bias = nullptr;     ///< `outputs` values; null if there is no bias.
    int outputs = 0;                 ///< 1 .. lane_tile.
    int places = 0;                  ///< Number of positions in the row.
    float* output = nullptr;
    std::ptrdiff_t output_step = 0;   ///< From one position to the next.
    std::ptrdiff_t output_pitch = 0;  ///< From one output to the next.
};

/// The gradient with respect to weights: sums[o * sums_pitch + t] += the sum over y, x and images of gradient[o][y][x]
/// * input[y * input_row + x * input_step + taps[t]].
struct LaneCorrelation {
    const float* input = nullptr;
    std::ptrdiff_t input_row = 0, input_step = 0;
    const std::ptrdiff_t* taps = nullptr;
    int tap_count = 0;                  ///< 1 .. lane_tile.
    const float* gradient = nullptr;    ///< Gradient with respect to the output, in rows without gaps.
    std::ptrdiff_t gradient_pitch = 0;  ///< From one output to the next.
    int outputs = 0;                    ///< 1 .. lane_tile.
    int height = 0, width = 0;          ///< Size of the gradient.
    float* sums = nullptr;
    std::ptrdiff_t sums_pitch = 0;
};

/// One window of max pooling: the offsets of its values in the input.
struct LaneWindow {
    const std::ptrdiff_t* offsets = nullptr;
    int count = 0;
};

/// The loops for one instruction set.
struct LaneLoops {
    void (*sums)(const LaneSums& job);
    void (*correlate)(const LaneCorrelation& job);

    /// values[i] = max(values[i], 0); NaN stays NaN.
    void (*relu)(float* values, std::ptrdiff_t count);
    /// gradient[i] = 0 where output[i] <= 0.
    void (*relu_backward)(const float* output, float* gradient, std::ptrdiff_t count);

    /// For each image, writes the largest value of the window, or NaN if the window contains a NaN. An empty window
    /// gives -infinity.
    void (*window_max)(const float* input, const LaneWindow& window, float* output);
    /// Adds the gradient with respect to a window's output to the first of its values that equals the output.
    void (*window_max_backward)(const float* input, const LaneWindow& window, const float* output,
                                const float* gradient, float* input_gradient);

    /// output[o][i] += sum over images of gradient[o][image] * input[i][image] for i < inputs, o < outputs: the
    /// gradient with respect to the weights of a Linear.
    void (*outer_sums)(const float* input, std::ptrdiff_t inputs, const float* gradient, std::ptrdiff_t outputs,
                       float* output);
};

}  // namespace convlens
