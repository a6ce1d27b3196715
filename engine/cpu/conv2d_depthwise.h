/// Conv2d whose output channels read one input channel each, such as the depthwise convolutions of MobileNet.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_algorithm.h"
#include "engine/cpu/conv2d_rows.h"

namespace convlens {

/// Working memory, which all plans may share that do not run at the same time.
struct Conv2dDepthwiseMemory {
    std::vector<PartStats> parts;  ///< [n][channel to compute][band][part]
    PerThread<Tensor> rows;        ///< The packed rows of a band.
};

/// Returns true if Conv2dDepthwise takes less time for `layer` and inputs of this shape than sums over blocks of output
/// channels do: if at most two output channels read the same input channel, and if the input rows of an output row fit
/// into the caches.
bool suits_depthwise(const Conv2d& layer, const Shape& input, const Simd& simd);

/// A convolution of separate channels. Each output channel is divided into bands of rows; a task packs the input rows
/// of a band and computes all its columns at once, so that nothing is set up for each row.
class Conv2dDepthwise final : public Conv2dAlgorithm {
  public:
    /// suits_depthwise() must be true.
    Conv2dDepthwise(const Conv2d& layer, const Shape& input, const Simd& simd,
                    std::shared_ptr<Conv2dDepthwiseMemory> memory, std::vector<int> channels);

    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified, const PointTail& tail) override;

    /// Returns the number of bands of a channel.
    int bands() const { return bands_; }

  private:
    const RowLayout layout_;
    int part_rows_;                     ///< Output rows whose values share a PartStats.
    int band_rows_, bands_;             ///< Output rows of a band, and bands of a channel.
    std::vector<std::ptrdiff_t> taps_;  ///< Offsets in the packed rows of a band, [ky][kx].
    std::vector<float> weights_;        ///< [channel to compute][ky][kx]
    const std::shared_ptr<Conv2dDepthwiseMemory> memory_;
};

}  // namespace convlens
