/// A convolution on blocks of sixteen interleaved images (layout: engine/cpu/lane_loops.h): forward pass and gradients.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/memory_limit.h"
#include "engine/core/shape.h"
#include "engine/cpu/lane_loops.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// The shapes and hyper-parameters of a Conv2d without its padding: the input is padded beforehand.
struct LaneConvShape {
    int in_channels = 1;   ///< Number of input channels, all groups together.
    int out_channels = 1;  ///< Number of output channels, all groups together.
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
    int groups = 1;
    bool flip = false;  ///< Whether kernels are rotated by 180 degrees, as for ConvParams::flip.
    Size2 input{1, 1};  ///< Rows and columns of the padded input.
};

/// Computes a convolution on padded input, for one block of images at a time. It stores the offset in the input that
/// each kernel element (tap) reads. Immutable, so several threads may use it at the same time. A Linear layer is
/// computed as a 1x1 convolution of a 1x1 input.
class LaneConv {
  public:
    /// Prepares a convolution. The kernel must fit into the padded input.
    explicit LaneConv(const LaneConvShape& shape);

    const LaneConvShape& shape() const { return shape_; }
    Size2 output() const { return output_; }  ///< Rows and columns of the output.

    /// Return the number of floats in one block: in its padded input, in its output, and in the scratch memory that
    /// backward_input() needs.
    std::size_t input_size() const;
    std::size_t output_size() const;
    std::size_t scratch_size() const;

    /// Copy the weights (out_channels, in_channels / groups, KH, KW) to `packed` in the order in which forward() or
    /// backward_input() reads them.
    void pack_forward(std::span<const float> weight, CountedVector<float>& packed) const;
    void pack_backward(std::span<const float> weight, CountedVector<float>& packed) const;

    /// Computes output = conv(input) of one block. `packed` comes from pack_forward(). `bias` has out_channels values,
    /// or is empty for a layer without bias.
    void forward(const LaneLoops& loops, const float* input, std::span<const float> packed, std::span<const float> bias,
                 float* output) const;

    /// Computes the gradient with respect to the padded input of one block and writes it to `input_gradient`. `packed`
    /// comes from pack_backward(); `scratch` has scratch_size() floats.
    void backward_input(const LaneLoops& loops, const float* output_gradient, std::span<const float> packed,
                        float* scratch, float* input_gradient) const;

    /// Adds the gradients with respect to weight and bias, summed over the images of one block, to `weight` and `bias`.
    /// `bias` may be empty.
    void backward_weight(const LaneLoops& loops, const float* input, const float* output_gradient,
                         std::span<float> weight, std::span<float> bias) const;

  private:
    /// The positions of the padded input whose y and x have the same remainders modulo the stride. Their gradient is a
    /// convolution, with stride 1, of the output's gradient with some of the kernel's taps.
    struct Phase {
        Size2 first;  ///< The remainders of y and x.
        /// Offsets in the output's gradient. Kernel row slowest, then output channel, then kernel column.
        std::vector<std::ptrdiff_t> taps;
        std::vector<int> tap_rows;     ///< Kernel rows that contribute, ascending.
        std::vector<int> row_shifts;   ///< For each of these rows: row q of the phase reads output row q - shift.
        std::vector<int> tap_columns;  ///< Kernel columns that contribute, ascending.
    };

    std::size_t weight_index(int out_channel, int in_channel, int i, int j) const;
    Phase make_phase(int y, int x) const;
    void widen(const float* output_gradient, float* scratch) const;
    void phase_rows(const LaneLoops& loops, const Phase& phase, const float* widened, const float* weights, int group,
                    int first_channel, int channels, float* input_gradient) const;

    LaneConvShape shape_;
    Size2 output_;
    int group_in_ = 1, group_out_ = 1;  ///< Channels per group.
    /// Offsets in the input, in the order of the weights: channel slowest, then row, then column.
    std::vector<std::ptrdiff_t> forward_taps_;
    std::vector<Phase> phases_;
    int widen_left_ = 0, widened_width_ = 1;  ///< Zero columns that backward_input() adds to the left of the output's
                                              ///< gradient, and its width with those on both sides.
};

}  // namespace convlens
