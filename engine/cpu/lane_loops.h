/// Interface of the vector loops of training, which process sixteen images at once, one image per SIMD lane.
///
/// Layout of a block of lane_images images: value i of image n is at index i * lane_images + n, where i is the index of
/// the value in the image's CHW order. All images of a batch have the same shape, so vectors are always full and
/// aligned, for any kernel, stride, padding and width of a layer.
#pragma once

#include <cstddef>

namespace convlens {

/// Number of images in a block. It is the same for every instruction set, so that sums are computed in the same order
/// on every machine.
inline constexpr int lane_images = 16;

/// Maximum number of output channels per call of LaneLoops::sums and LaneLoops::correlate, and maximum number of taps
/// per call of LaneLoops::correlate.
inline constexpr int lane_tile = 5;

/// Arguments of LaneLoops::sums, which computes a row of sums of products for each image:
///   output[o][p] = bias[o] + sum over t of weights[t][o] * input[p * input_step + taps[t]].
/// Offsets and steps are in floats.
struct LaneSums {
    const float* input = nullptr;
    std::ptrdiff_t input_step = 0;         ///< From one position p to the next.
    const std::ptrdiff_t* taps = nullptr;  ///< Offsets of the `tap_count` input values of position 0.
    int tap_count = 0;
    const float* weights = nullptr;  ///< [tap][output]
    const float* bias = nullptr;     ///< `outputs` values; null if there is no bias.
    int outputs = 0;                 ///< 1 .. lane_tile.
    int places = 0;                  ///< Number of positions p in the row.
    float* output = nullptr;
    std::ptrdiff_t output_step = 0;   ///< From one position p to the next.
    std::ptrdiff_t output_pitch = 0;  ///< From one output channel o to the next.
};

/// Arguments of LaneLoops::correlate, which computes the gradient with respect to the weights:
///   sums[o * sums_pitch + t] += sum over y, x and images of
///                               gradient[o][y][x] * input[y * input_row + x * input_step + taps[t]].
/// Offsets and steps are in floats.
struct LaneCorrelation {
    const float* input = nullptr;
    std::ptrdiff_t input_row = 0, input_step = 0;  ///< From one row y and from one column x to the next.
    const std::ptrdiff_t* taps = nullptr;          ///< Offsets of the `tap_count` input values of y = x = 0.
    int tap_count = 0;                             ///< 1 .. lane_tile.
    const float* gradient = nullptr;    ///< Gradient with respect to the output, [output][y][x] without gaps in a row.
    std::ptrdiff_t gradient_pitch = 0;  ///< From one output channel o to the next.
    int outputs = 0;                    ///< 1 .. lane_tile.
    int height = 0, width = 0;          ///< Numbers of rows y and columns x of the gradient.
    float* sums = nullptr;
    std::ptrdiff_t sums_pitch = 0;  ///< From one output channel o to the next.
};

/// One window of max pooling: the offsets of its `count` values in the input, in floats.
struct LaneWindow {
    const std::ptrdiff_t* offsets = nullptr;
    int count = 0;
};

/// The loops for one instruction set.
struct LaneLoops {
    /// Computes the sums that LaneSums describes.
    void (*sums)(const LaneSums& job);
    /// Computes the gradient that LaneCorrelation describes.
    void (*correlate)(const LaneCorrelation& job);

    /// Sets values[i] = max(values[i], 0). NaN stays NaN. `count` is a multiple of lane_images.
    void (*relu)(float* values, std::ptrdiff_t count);
    /// Sets gradient[i] = 0 where output[i] <= 0. `count` is a multiple of lane_images.
    void (*relu_backward)(const float* output, float* gradient, std::ptrdiff_t count);

    /// Writes the largest value of the window for each image, or NaN if the window contains a NaN. A window without
    /// values gives -infinity.
    void (*window_max)(const float* input, const LaneWindow& window, float* output);
    /// Adds the gradient with respect to the window's maximum, `output`, to the input gradient of the first value in
    /// the window that is equal to it.
    void (*window_max_backward)(const float* input, const LaneWindow& window, const float* output,
                                const float* gradient, float* input_gradient);

    /// Computes the gradient with respect to the weights of a Linear layer: output[o][i] += sum over images of
    /// gradient[o][image] * input[i][image], for i < inputs and o < outputs.
    void (*outer_sums)(const float* input, std::ptrdiff_t inputs, const float* gradient, std::ptrdiff_t outputs,
                       float* output);
};

}  // namespace convlens
