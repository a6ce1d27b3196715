/// The interface of backends, which run networks.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/core/cancel.h"
#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/network.h"
#include "engine/nn/pixel_position.h"
#include "engine/view/display_options.h"
#include "engine/view/grid.h"

namespace convlens {

/// The output of one layer, stored on the device that computed it. Belongs to the thread of its Backend.
class Activations {
  public:
    virtual ~Activations() = default;

    virtual Shape shape() const = 0;

    /// Returns the statistics of batch item `item`, 0 <= item < shape().n: one entry per channel.
    virtual std::span<const ChannelStats> stats(int item) const = 0;

    /// Draws the grid of batch item display.item as an image of region_of() pixels: the nearest value where a cell is
    /// at least as large as the map, the mean over the covered area where it is smaller, then the scale and the
    /// colormap are applied. `memory` is an unused image whose memory the result reuses if it is large enough. On
    /// failure, `memory` is not moved from. Fails if `display` names a batch item or a channel that does not exist, or
    /// if the picture would be too large.
    virtual Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel,
                                        Image&& memory = {}) const = 0;

    /// Returns the exact values (1, channels.count, area.h, area.w) of batch item `item`. The ranges must lie inside
    /// shape().
    virtual Expected<Tensor> read(int item, ChannelRange channels, Rect area) const = 0;
};

/// Returns all values of `activations`, in the shape of the activations.
Expected<Tensor> all_values(const Activations& activations);

/// Runs layers. An instance belongs to the thread that created it.
class Backend {
  public:
    virtual ~Backend() = default;

    /// Returns the name for the status bar, like "CPU AVX3, 2 threads".
    virtual std::string name() const = 0;

    /// Runs `network` on `input` up to and including layer `last_layer`, 0 <= last_layer < number of layers. Does not
    /// run layers again whose input and parameters are the same as in the previous call. Fails if a layer can't run on
    /// its input, if the result does not fit into memory, or if canceled.
    virtual Expected<std::shared_ptr<const Activations>> forward(const Network& network,
                                                                 std::shared_ptr<const Tensor> input, int last_layer,
                                                                 const Cancel& cancel) = 0;

    /// Drops the results that forward() has cached, so that the next call runs every layer: for benchmarks.
    virtual void forget() = 0;
};

}  // namespace convlens
