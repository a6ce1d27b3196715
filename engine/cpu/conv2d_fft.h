/// Conv2d by Fourier transforms, for large kernels.
///
/// The output is computed in tiles: the product of the spectra of a part of the input and of the kernel is the spectrum
/// of their circular correlation, whose first rows and columns are those of Conv2d (overlap-save: Oppenheim and
/// Schafer, Discrete-Time Signal Processing, section 8.7.3). Two tiles are the real and the imaginary part of one
/// complex transform; as kernels are real, both stay apart.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/parallel.h"
#include "engine/core/tensor.h"
#include "engine/cpu/conv2d_algorithm.h"
#include "engine/cpu/fft_loops.h"
#include "engine/cpu/simd.h"
#include "engine/nn/layers/conv2d.h"

namespace convlens {

/// Working memory, which all plans may share that do not run at the same time.
struct Conv2dFftMemory {
    Tensor spectra;                ///< Of the input, for some pairs of tiles: [pair][channel][strip].
    std::vector<PartStats> parts;  ///< [n][channel to compute][tile]
    struct Scratch {
        Tensor tiles, strip, turned;
    };
    PerThread<Scratch> threads;
};

/// Size of the tiles of a convolution, including the rows and columns that belong to the next ones.
struct FftTiles {
    Size2 size;   ///< Of a transform.
    Size2 valid;  ///< Rows and columns of output that a tile gives.
    Size2 count;  ///< Of tiles per image.
};

/// Returns the tiles with which a convolution takes less time by Fourier transforms than by sums, according to measured
/// costs; nullopt if there are none. The layer must have stride 1. Depends on the layer's parameters and shapes only,
/// and on `lanes`, so that some channels are computed as all of them are.
std::optional<FftTiles> fft_tiles(const ConvParams& params, const Shape& weight, const Shape& input, int lanes);

/// A convolution by Fourier transforms, prepared for inputs of one shape; see Conv2dPlan for the functions.
class Conv2dFft final : public Conv2dAlgorithm {
  public:
    Conv2dFft(const Conv2d& layer, const Shape& input, const FftTiles& tiles, const Simd& simd,
              std::shared_ptr<Conv2dFftMemory> memory, std::vector<int> channels);

    /// Values are within 1e-5 of the largest magnitude of the exact ones.
    bool run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
             Tensor* rectified, const PointTail& tail) override;

  private:
    struct Run;
    /// A pair of tiles, counted over all images; the second may be beyond the last one.
    int pairs() const { return (shape_.n * tiles_.count.h * tiles_.count.w + 1) / 2; }
    std::size_t strip_floats() const;
    std::size_t spectrum_floats() const;
    void transform(Tensor& planes, Conv2dFftMemory::Scratch& scratch, float* spectrum) const;
    bool transform_kernels(const Cancel& cancel);
    void transform_input(const Run& run, int pair, int channel, float* spectrum) const;
    void compute(Run& run, int pair, int index, const float* spectra) const;

    const FftTiles tiles_;
    const FftSteps vertical_, horizontal_;
    std::vector<int> rows_;  ///< Position in a vertical transform of each lane of each strip, see strip_frequency().
    Tensor kernels_;         ///< Spectra: [channel to compute][input channel][half of the strips and one more].
    const std::shared_ptr<Conv2dFftMemory> memory_;
};

}  // namespace convlens
