/// A convolution over blocks of sixteen images: forward pass and its two gradients.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/shape.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// The properties of a Conv2d that determine its computation on padded input.
struct LaneConvShape {
    int in_channels = 1;   ///< In all groups.
    int out_channels = 1;  ///< In all groups.
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
    int groups = 1;
    bool flip = false;  ///< Whether kernels are rotated by 180 degrees, see ConvParams::flip.
    Size2 input{1, 1};  ///< Rows and columns of the padded input.
};

/// The tables of a convolution on padded input, in the layout of engine/cpu/lane_loops.h. Immutable, so several threads
/// may use one at the same time. A Linear layer is computed as a convolution whose output has 1x1 positions.
class LaneConv {
  public:
    /// The kernel must fit into the input.
    explicit LaneConv(const LaneConvShape& shape);

    const LaneConvShape& shape() const { return shape_; }
    Size2 output() const { return output_; }

    /// Return the number of floats in the padded input of a block, in its output, and in the scratch memory that
    /// backward_input() needs.
    std::size_t input_size() const;
    std::size_t output_size() const;
    std::size_t scratch_size() const;

    /// Pack the weights (out_channels, in_channels / groups, KH, KW) in the order in which forward() or
    /// backward_input() reads them.
    void pack_forward(std::span<const float> weight, std::vector<float>& packed) const;
    void pack_backward(std::span<const float> weight, std::vector<float>& packed) const;

    /// Computes output = conv(input). `bias` has out_channels values, or is empty for a layer without bias.
    void forward(const LaneLoops& loops, const float* input, std::span<const float> packed, std::span<const float> bias,
                 float* output) const;

    /// Computes the gradient with respect to the padded input.
    void backward_input(const LaneLoops& loops, const float* output_gradient, std::span<const float> packed,
                        float* scratch, float* input_gradient) const;

    /// Adds the gradients with respect to weight and bias, summed over the block's images. `bias` may be empty.
    void backward_weight(const LaneLoops& loops, const float* input, const float* output_gradient,
                         std::span<float> weight, std::span<float> bias) const;

  private:
    /// Rows and columns of the padded input whose y and x have the same remainders modulo the stride. Their gradient is
    /// a convolution of stride 1 of the output's gradient with some of the kernel's taps.
    struct Phase {
        Size2 first;                       ///< Remainders of y and x.
        std::vector<std::ptrdiff_t> taps;  ///< Kernel row slowest, then output channel, then column.
        std::vector<int> tap_rows;         ///< Kernel rows, ascending.
        std::vector<int> row_shifts;       ///< For each kernel row, a shift: row q of the phase reads output row q -
                                           ///< shift.
        std::vector<int> tap_columns;
    };

    std::size_t weight_index(int out_channel, int in_channel, int i, int j) const;
    Phase make_phase(int y, int x) const;
    void widen(const float* output_gradient, float* scratch) const;
    void phase_rows(const LaneLoops& loops, const Phase& phase, const float* widened, const float* weights, int group,
                    int first_channel, int channels, float* input_gradient) const;

    LaneConvShape shape_;
    Size2 output_;
    int group_in_ = 1, group_out_ = 1;          ///< Channels per group.
    std::vector<std::ptrdiff_t> forward_taps_;  ///< Channel slowest, then row, then column: the order of the weights.
    std::vector<Phase> phases_;
    int widen_left_ = 0, widened_width_ = 1;  ///< Zero columns that backward_input() adds beside the output's gradient.
};

}  // namespace convlens
