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

/// Costs of the fully connected layer (`full`), the locally connected layer (`local`) and the convolution (`conv`).
struct LabCosts {
    LayerCost full, local, conv;
    friend bool operator==(const LabCosts&, const LabCosts&) = default;
};

/// Returns the costs for one input channel and one output channel: `pixels` inputs, `units` outputs, and kernels of
/// `taps` weights. A fully connected layer has one weight for each pair of a pixel and a unit, a locally connected
/// layer `taps` weights for each unit, and a convolution `taps` weights in total. Each weight needs one
/// multiply-accumulate for each unit that uses it. The results must fit into 64 bits.
LabCosts lab_costs(std::uint64_t pixels, std::uint64_t units, std::uint64_t taps);

/// The convolution's kernel.
enum class LabKernel {
    edge,    ///< Derivative of a Gaussian along x; the magnitudes add up to about 2. If kernel_size is 1, a single 1.
    blur,    ///< Gaussian; the values add up to about 1.
    random,  ///< Uniform in +-1/kernel_size, as nn.Conv2d initializes a layer with one channel.
};

/// All parameters of the lab's layers.
struct LabSetup {
    int side = 32;        ///< Side of the square image in pixels, lab_side_least..lab_side_most.
    int kernel_size = 5;  ///< Side of the square kernels, lab_kernel_least..lab_kernel_most, less than `side`.
    int pool = 2;         ///< kernel_size and stride of the MaxPool2d after the convolution, 1..out_side().
    LabKernel kernel = LabKernel::edge;
    std::uint32_t seed = 1;  ///< Seed of all random weights.
    bool tied = false;       ///< Whether every position of the locally connected layer uses the convolution's kernel.
    friend bool operator==(const LabSetup&, const LabSetup&) = default;

    /// Returns the number of rows and of columns of the outputs, side - kernel_size + 1.
    int out_side() const { return side - kernel_size + 1; }
};

/// Smallest and largest values that the user can choose for the members of LabSetup.
inline constexpr int lab_side_least = 12, lab_side_most = 48, lab_kernel_least = 1, lab_kernel_most = 11,
                     lab_pool_most = 6;

/// Returns the shift `wanted` with each component clamped to -side/2 .. side/2, so that at least half of the image's
/// rows and columns stay visible.
Size2 lab_shift(const LabSetup& setup, Size2 wanted);

/// The lab's layers. All have one input channel, one output channel and no bias. The weights of the convolution and of
/// the locally connected layer are multiples of 1/256 with a magnitude of at most 1. If the same is true for the
/// pixels, all sums of these two layers are exact in float32, so results are bit-identical for any order of summation.
struct LabLayers {
    LabSetup setup;
    /// Fully connected, from (1, 1, side, side) to (1, out_side^2, 1, 1). Output y * out_side + x corresponds to row y
    /// and column x of the other outputs. The weights are initialized as in nn.Linear.
    Linear full;
    LocallyConnected2d local;  ///< Each position has its own random kernel, uniform in +-1/kernel_size, or, if
                               ///< setup.tied, the convolution's kernel.
    Conv2d conv;               ///< Its kernel is described by setup.kernel.
    MaxPool2d pool;            ///< Follows the convolution.
};

/// Returns the layers of `setup`, whose members must be within their ranges. The same setup gives the same weights.
LabLayers make_lab_layers(const LabSetup& setup);

/// Returns a picture of the digit 2, bright on black: (1, 1, side, side), multiples of 1/256 in [0, 1).
Tensor lab_digit(int side);

/// Returns the central square of `picture` in gray (0.299 R + 0.587 G + 0.114 B), resized to (1, 1, side, side): each
/// value is the mean of the pixels that it covers, rounded to a multiple of 1/256 in [0, 1). `picture` must have at
/// least one pixel. If its square is smaller than side x side pixels, it is enlarged.
Tensor lab_picture(const Image& picture, int side);

/// Returns `image` (1, 1, H, W) moved down by shift.h and right by shift.w pixels, in the same shape. Uncovered pixels
/// are 0 (black).
Tensor shifted(const Tensor& image, Size2 shift);

/// Outputs of the layers for one image, each (1, 1, rows, columns).
struct LabMaps {
    Tensor full, local, conv;  ///< out_side x out_side.
    Tensor pooled;             ///< Output of the MaxPool2d for `conv`, out_side / pool rows and columns.
};

/// Runs the layers on `image` (1, 1, side, side) and returns their outputs. Fails if `backend` fails, or if canceled.
Expected<LabMaps> run_lab(const LabLayers& layers, const Tensor& image, Backend& backend, const Cancel& cancel);

/// Difference between an output before and after a change of the image. Only some positions are compared.
struct LabDifference {
    int places = 0;      ///< Number of compared positions.
    int equal = 0;       ///< Number of compared positions with bit-identical values.
    double largest = 0;  ///< Largest |after - before|.
    double mean = 0;     ///< Mean of |after - before|; 0 if no position was compared.
    friend bool operator==(const LabDifference&, const LabDifference&) = default;
};

/// Compares the output `before` with the output `after` of the image moved by `shift`, shifted back: before(y, x) with
/// after(y + shift.h, x + shift.w), at all positions where both exist. In layers without padding, the patches of these
/// positions contain no pixels that were moved into or out of the image.
LabDifference after_shifting_back(const Tensor& before, const Tensor& after, Size2 shift);

/// Compares before(y, x) with after(y, x): the change that the next layer would see. Positions where both are zero,
/// such as flat areas of an edge filter's output, are not compared.
LabDifference in_place(const Tensor& before, const Tensor& after);

}  // namespace convlens
