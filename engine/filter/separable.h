/// Kernels as sums of products of a column and a row, which cost fewer multiply-adds than the kernel itself.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/tensor.h"
#include "engine/filter/svd.h"

namespace convlens {

/// How a kernel of several input channels is written as a sum of `rank` terms.
enum class ChannelSplit {
    per_channel,  ///< w[c][y][x] = sum over i of u[i][c][y] v[i][c][x]: each channel has columns and rows of its own.
    joint,        ///< w[c][y][x] = sum over i of u[i][c][y] v[i][x]: all channels share the rows.
};

/// The decomposition of one kernel. The terms are those of the singular value decompositions of its channels, KH x KW
/// each, or of one matrix with the channels below each other, C KH x KW. So the kernel of `rank` terms is the closest
/// one that there is (Eckart and Young 1936).
class SeparableKernel {
  public:
    /// Decomposes kernel `index` of `weight` (C_out, C_in, KH, KW).
    SeparableKernel(const Tensor& weight, int index, ChannelSplit split);

    /// Returns the number of terms that give the kernel itself.
    int full_rank() const { return static_cast<int>(values_.size()); }
    /// Returns the singular values, largest first; those of several channels combined by the root of the sum of
    /// squares, so that their sum of squares is that of the weights.
    const std::vector<double>& singular_values() const { return values_; }
    /// Returns the norm of the difference between the kernel and `rank` terms of it, divided by the norm of the kernel:
    /// 0..1; 0 for a kernel of zeros.
    double error(int rank) const;
    /// Returns the smallest rank >= 1 whose error is at most `error`.
    int rank_for(double error) const;
    /// Returns the kernel of `rank` terms, (1, C_in, KH, KW).
    Tensor approximation(int rank) const;
    /// Returns the multiply-adds per output value of `rank` terms, as columns and rows: C rank (KH + KW) or, with joint
    /// rows, rank (C KH + KW).
    std::int64_t multiply_adds(int rank) const;
    /// Returns those of the kernel itself: C KH KW.
    std::int64_t direct_multiply_adds() const;

  private:
    Shape shape_;  ///< Of the kernel; n is 1.
    ChannelSplit split_;
    std::vector<Svd> parts_;  ///< One per channel, or one.
    std::vector<double> values_;
};

}  // namespace convlens
