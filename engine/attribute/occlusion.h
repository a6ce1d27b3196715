/// Occlusion: how much an output falls when a patch covers a part of the image.
#pragma once

#include <memory>
#include <vector>

#include "engine/attribute/target.h"
#include "engine/core/cancel.h"

namespace convlens {

struct Simd;

/// Slides a patch of the image's mean color over the image and computes what it takes from the output (Zeiler and
/// Fergus 2014). Sixteen positions run side by side, and as long as the layers are convolutions, max pooling and
/// functions of single values, only the values under or near the patch are computed: all others are those of the image
/// without a patch.
class Occlusion {
  public:
    /// Prepares the map of `input` (1, C, H, W). Networks may have branches; from the first fork on, layers run as a
    /// whole. The patch moves by `stride` pixels; the last position in each
    /// direction touches the border. Fails with a message that names the layer if it can't run, if the patch does not
    /// fit into the image, if there are more than 65536 positions, or if memory is short.
    static Expected<Occlusion> make(Target target, std::shared_ptr<const Tensor> input, Size2 patch, Size2 stride,
                                    const Simd& simd);
    ~Occlusion();
    Occlusion(Occlusion&&) noexcept;
    Occlusion& operator=(Occlusion&&) noexcept;

    /// Computes the next positions, on the threads of the caller's Arena. Returns false if none is left. The first call
    /// computes the output without a patch. Fails only if canceled.
    Expected<bool> step(const Cancel& cancel);

    int positions() const;  ///< Number of positions of the patch.
    int done() const;       ///< Number of positions that are computed.

    /// Returns the map (1, 1, H, W): for each pixel, the mean of output without patch minus output with patch over the
    /// computed positions whose patch covers it; 0 where there is none.
    Tensor map() const;

    /// Returns output without patch minus output with patch for the computed positions, row by row.
    std::vector<double> drops() const;

  private:
    struct State;
    explicit Occlusion(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace convlens
