/// The weight-sharing lab: one small image through a fully connected, a locally connected and a convolution layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/nn/backend.h"
#include "engine/nn/layers.h"

namespace convlens {

/// What a layer costs. Biases are left out: they are one a unit in the first two layers and one in the convolution.
struct LayerCost {
    std::uint64_t weights = 0;               ///< Learned numbers.
    std::uint64_t multiply_accumulates = 0;  ///< Of one forward pass.
    friend bool operator==(const LayerCost&, const LayerCost&) = default;
};

/// The three layers side by side.
struct LabCosts {
    LayerCost full, local, conv;
    friend bool operator==(const LabCosts&, const LabCosts&) = default;
};

/// Costs by formula for any size: `pixels` inputs, `units` outputs, kernels of `taps` values on one channel. A fully
/// connected layer has a weight for each pair of pixel and unit, a locally connected one `taps` for each unit, a
/// convolution `taps` for all. Multiply-adds: every weight once a unit that has it. The products must fit into 64 bits.
LabCosts lab_costs(std::uint64_t pixels, std::uint64_t units, std::uint64_t taps);

/// The convolution's kernel.
enum class LabKernel {
    edge,    ///< Derivative of a Gaussian along x; the magnitudes add up to about 2.
    blur,    ///< Gaussian; adds up to about 1.
    random,  ///< Uniform in +-1/kernel_size, as a fresh layer.
};

/// Everything that decides the lab's layers.
struct LabSetup {
    int side = 32;        ///< The image has side x side pixels; lab_side_range.
    int kernel_size = 5;  ///< Below `side`; lab_kernel_range.
    int pool = 2;         ///< MaxPool2d's kernel_size and stride, behind the convolution; not above the output's side.
    LabKernel kernel = LabKernel::edge;
    std::uint32_t seed = 1;  ///< Of all random weights.
    bool tied = false;       ///< Every place of the locally connected layer has the convolution's kernel.
    friend bool operator==(const LabSetup&, const LabSetup&) = default;

    /// Rows and columns of the outputs: side - kernel_size + 1.
    int out_side() const { return side - kernel_size + 1; }
};

inline constexpr int lab_side_least = 12, lab_side_most = 48, lab_kernel_least = 1, lab_kernel_most = 11,
                     lab_pool_most = 6;

/// A shift of the image that leaves at least half of it in sight: each part held to -side/2 .. side/2.
Size2 lab_shift(const LabSetup& setup, Size2 wanted);

/// The lab's layers, all without bias, with one channel. Convolution and locally connected layer have weights that are
/// whole multiples of 1/256 of magnitude 1 at most: with pixels of the same kind every sum of theirs is exact in single
/// precision, so that results agree to the bit whatever the order of the sums.
struct LabLayers {
    LabSetup setup;
    Linear
        full;  ///< (1, 1, side, side) to (1, out_side^2, 1, 1), unit y * out_side + x; weights as nn.Linear draws them.
    LocallyConnected2d
        local;  ///< Each place its own random kernel, uniform in +-1/kernel_size; with setup.tied the convolution's.
    Conv2d conv;
    MaxPool2d pool;
};

/// The layers of `setup`, whose numbers must be in their ranges. The same setup gives the same weights.
LabLayers make_lab_layers(const LabSetup& setup);

/// A handwritten two, bright on black: (1, 1, side, side), multiples of 1/256 in [0, 1).
Tensor lab_digit(int side);

/// The middle square of `picture` in gray (0.299 R + 0.587 G + 0.114 B), each pixel the mean of what it covers, rounded
/// to multiples of 1/256 in [0, 1): (1, 1, side, side). The picture must have a pixel at least; a small one is
/// magnified.
Tensor lab_picture(const Image& picture, int side);

/// The image moved down by shift.h and right by shift.w pixels; black moves in. Same shape.
Tensor shifted(const Tensor& image, Size2 shift);

/// What the layers make of an image, each (1, 1, rows, columns).
struct LabMaps {
    Tensor full, local, conv;  ///< out_side x out_side.
    Tensor pooled;             ///< Of the convolution's.
};

/// Runs the layers on `image` (1, 1, side, side). Fails as the back end does.
Expected<LabMaps> run_lab(const LabLayers& layers, const Tensor& image, Backend& backend, const Cancel& cancel);

/// How an output differs from one before it. Places that have no counterpart don't count.
struct LabDifference {
    int places = 0;      ///< Compared values.
    int equal = 0;       ///< Of these, equal to the bit.
    double largest = 0;  ///< Largest |after - before|.
    double mean = 0;     ///< Mean of |after - before|; 0 where no place was compared.
    friend bool operator==(const LabDifference&, const LabDifference&) = default;
};

/// before(y, x) against after(y + shift.h, x + shift.w): the output of the moved image, moved back, where both exist.
/// For an output without padding these are exactly the units whose patch holds no pixel that moved in or out.
LabDifference after_shifting_back(const Tensor& before, const Tensor& after, Size2 shift);

/// before(y, x) against after(y, x), where either is not zero: what a layer behind would notice of the move. Flat
/// ground that gives zeros is left out.
LabDifference in_place(const Tensor& before, const Tensor& after);

}  // namespace convlens
