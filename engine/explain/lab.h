/// The weight-sharing lab: compares a fully connected, a locally connected and a convolution layer on one small image.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/nn/backend.h"
#include "engine/nn/layers.h"

namespace convlens {

/// Cost of a layer without bias, like the layers of LabLayers.
struct LayerCost {
    std::uint64_t weights = 0;               ///< Number of weights.
    std::uint64_t multiply_accumulates = 0;  ///< Number of multiply-accumulates of one forward pass.
    friend bool operator==(const LayerCost&, const LayerCost&) = default;
};

/// Costs of the three layers.
struct LabCosts {
    LayerCost full, local, conv;
    friend bool operator==(const LabCosts&, const LabCosts&) = default;
};

/// Computes the costs by formula, for layers of any size: `pixels` inputs, `units` outputs, and kernels with `taps`
/// values for one channel. A fully connected layer has one weight per pair of pixel and unit, a locally connected one
/// `taps` weights per unit, a convolution `taps` weights in total. Each weight counts one multiply-accumulate per unit
/// that uses it. The products must fit into 64 bits.
LabCosts lab_costs(std::uint64_t pixels, std::uint64_t units, std::uint64_t taps);

/// The convolution's kernel.
enum class LabKernel {
    edge,    ///< Derivative of a Gaussian along x; the sum of magnitudes is about 2.
    blur,    ///< Gaussian; the sum is about 1.
    random,  ///< Uniform in +-1/kernel_size, as in a freshly initialized layer.
};

/// All parameters of the lab's layers.
struct LabSetup {
    int side = 32;        ///< Side of the image in pixels, lab_side_least to lab_side_most inclusive.
    int kernel_size = 5;  ///< Less than `side`, and lab_kernel_least to lab_kernel_most inclusive.
    int pool = 2;         ///< kernel_size and stride of the MaxPool2d after the convolution; at most the output's side.
    LabKernel kernel = LabKernel::edge;
    std::uint32_t seed = 1;  ///< Seed of all random weights.
    bool tied = false;       ///< Whether every position of the locally connected layer uses the convolution's kernel.
    friend bool operator==(const LabSetup&, const LabSetup&) = default;

    /// Number of rows and columns of the outputs: side - kernel_size + 1.
    int out_side() const { return side - kernel_size + 1; }
};

inline constexpr int lab_side_least = 12, lab_side_most = 48, lab_kernel_least = 1, lab_kernel_most = 11,
                     lab_pool_most = 6;

/// Returns `wanted` with each component clamped to -side/2 .. side/2 (inclusive), so that at least half of the image's
/// rows and columns stay visible.
Size2 lab_shift(const LabSetup& setup, Size2 wanted);

/// The lab's layers, all without bias, with one channel. The weights of the convolution and of the locally connected
/// layer are multiples of 1/256 with a magnitude of at most 1. If the pixels are also multiples of 1/256 with a
/// magnitude of at most 1, all sums of these two layers are exact in float32, and results are bit-identical for any
/// order of summation.
struct LabLayers {
    LabSetup setup;
    Linear full;  ///< (1, 1, side, side) to (1, out_side^2, 1, 1), unit y * out_side + x; weights initialized as in
                  ///< nn.Linear.
    LocallyConnected2d local;  ///< Each position has its own random kernel, uniform in +-1/kernel_size; with
                               ///< setup.tied, the convolution's kernel.
    Conv2d conv;
    MaxPool2d pool;
};

/// Makes the layers of `setup`, whose members must be within their ranges. The same setup gives the same weights.
LabLayers make_lab_layers(const LabSetup& setup);

/// Returns a handwritten two, bright on black: (1, 1, side, side), multiples of 1/256 in [0, 1).
Tensor lab_digit(int side);

/// Returns the central square of `picture` in gray (0.299 R + 0.587 G + 0.114 B), each pixel the mean of the area that
/// it covers, rounded to multiples of 1/256 in [0, 1): (1, 1, side, side). The image must have at least one pixel; a
/// image of fewer than `side` pixels is magnified.
Tensor lab_picture(const Image& picture, int side);

/// Returns the image moved down by shift.h and right by shift.w pixels, in the same shape; black fills the gap.
Tensor shifted(const Tensor& image, Size2 shift);

/// Outputs of the layers for one image, each (1, 1, rows, columns).
struct LabMaps {
    Tensor full, local, conv;  ///< out_side x out_side.
    Tensor pooled;             ///< Max-pooled `conv`.
};

/// Runs the layers on `image` (1, 1, side, side). Fails if the backend does.
Expected<LabMaps> run_lab(const LabLayers& layers, const Tensor& image, Backend& backend, const Cancel& cancel);

/// Difference between two outputs. Positions that exist in only one of them are ignored.
struct LabDifference {
    int places = 0;      ///< Number of compared positions.
    int equal = 0;       ///< Number of compared positions with bit-identical values.
    double largest = 0;  ///< Largest |after - before|.
    double mean = 0;     ///< Mean of |after - before|; 0 if no position was compared.
    friend bool operator==(const LabDifference&, const LabDifference&) = default;
};

/// Compares before(y, x) with after(y + shift.h, x + shift.w): the output for the moved image, shifted back, where both
/// exist. For an output without padding, these are exactly the units whose patch contains no pixel that moved in or
/// out.
LabDifference after_shifting_back(const Tensor& before, const Tensor& after, Size2 shift);

/// Compares before(y, x) with after(y, x) where at least one of them is not zero: the change that the next layer would
/// see. Flat areas that give zeros are not counted.
LabDifference in_place(const Tensor& before, const Tensor& after);

}  // namespace convlens
