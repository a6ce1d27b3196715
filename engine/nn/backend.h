/// The interface of compute backends, which run networks on the CPU or with OpenGL.
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

/// The output of one layer, stored on the device that computed it. Only the thread of its Backend may use it.
class Activations {
  public:
    virtual ~Activations() = default;

    /// Returns the shape of the output, NCHW.
    virtual Shape shape() const = 0;

    /// Returns the statistics of batch item `item`, 0 <= item < shape().n: one entry per channel.
    virtual std::span<const ChannelStats> stats(int item) const = 0;

    /// Draws the grid of batch item display.item. The size of the image is that of region_of(). A pixel shows the
    /// nearest value if the cell is at least as large as the feature map, otherwise the mean of the values that it
    /// covers; the scale and the colormap turn this number into a color. The result reuses the memory of the image
    /// `memory` if it is large enough; after a failure, `memory` is still a valid image. Fails if `display` names a
    /// batch item or a channel that does not exist, if the picture would be empty or too large, or if canceled.
    virtual Expected<Image> render_grid(const DisplayOptions& display, const Cancel& cancel,
                                        Image&& memory = {}) const = 0;

    /// Returns the values of batch item `item` in the given channels and area, unchanged, as a tensor (1,
    /// channels.count, area.h, area.w). The ranges must lie inside shape().
    virtual Expected<Tensor> read(int item, ChannelRange channels, Rect area) const = 0;
};

/// Returns all values of `activations` as a tensor of shape activations.shape().
Expected<Tensor> all_values(const Activations& activations);

/// Runs networks. Only the thread that created a Backend may use it.
class Backend {
  public:
    virtual ~Backend() = default;

    /// Returns the name for the status bar, for example "CPU AVX3, 2 threads".
    virtual std::string name() const = 0;

    /// Runs `network` on `input` up to and including layer `last_layer`, 0 <= last_layer < number of layers, and
    /// returns that layer's output. Reuses the results of layers whose input and parameters are the same as in the
    /// previous call. Fails if a layer can't run on its input, if the results do not fit into memory, or if canceled.
    virtual Expected<std::shared_ptr<const Activations>> forward(const Network& network,
                                                                 std::shared_ptr<const Tensor> input, int last_layer,
                                                                 const Cancel& cancel) = 0;

    /// Drops the results that forward() has cached, so that the next call runs every layer. For benchmarks.
    virtual void forget() = 0;
};

}  // namespace convlens
