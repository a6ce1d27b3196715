/// The seam between what is to be computed and where it is computed.
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

/// The result of one layer, where it was made. Belongs to the thread of its Backend.
class Activations {
  public:
    virtual ~Activations() = default;

    virtual Shape shape() const = 0;

    /// One entry a channel of batch item `item`, 0 <= item < shape().n.
    virtual std::span<const ChannelStats> stats(int item) const = 0;

    /// The grid of item display.item as a picture of region_of(look) pixels: nearest value where a cell is larger than
    /// the map, mean over the covered area where it is smaller, then scale and color map.
    /// `memory` is a picture that nobody needs any more: what comes back lies in its memory when that is enough. It
    /// stays the caller's when this fails. Fails when the look names an item or a channel that is not there or asks for
    /// too large a picture.
    virtual Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel,
                                        Image&& memory = {}) const = 0;

    /// Exact values (1, channels.count, area.h, area.w) of batch item `item`. The ranges must lie inside shape().
    virtual Expected<Tensor> read(int item, ChannelRange channels, Rect area) const = 0;
};

/// Every value of `activations`, in their shape.
Expected<Tensor> all_values(const Activations& activations);

/// Where layers run. An instance belongs to the thread that created it.
class Backend {
  public:
    virtual ~Backend() = default;

    /// "CPU AVX3, 2 threads", for the status bar.
    virtual std::string name() const = 0;

    /// Runs `network` on `input` up to and including layer `last_layer`; 0 <= last_layer < number of layers.
    /// Layers whose input and parameters are those of the call before are not run again.
    /// Fails when a layer can't run on its input, when the result would not fit into memory, or when canceled.
    virtual Expected<std::shared_ptr<const Activations>> forward(const Network& network,
                                                                 std::shared_ptr<const Tensor> input, int last_layer,
                                                                 const Cancel& cancel) = 0;

    /// Drops what forward() has kept, so that the next one runs every layer: for measuring.
    virtual void forget() = 0;
};

}  // namespace convlens
