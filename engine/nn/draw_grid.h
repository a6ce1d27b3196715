/// Drawing of the grid into a picture that shows an earlier version of it.
#pragma once

#include "engine/nn/backend.h"
#include "engine/view/grid_picture.h"

namespace convlens {

/// Activations that can draw only the cells that have changed.
class DrawsCells {
  public:
    virtual ~DrawsCells() = default;

    /// Implements draw_grid().
    virtual Expected<void> draw_cells(const DisplayOptions& display, const Cancel& cancel,
                                      GridPicture& picture) const = 0;
};

/// Draws the picture that Activations::render_grid() returns into `picture`. Reuses its memory if it is large enough,
/// and, if the backend can, leaves the cells alone that already show what they should. Fails like render_grid(); after
/// a failure, `picture` is still valid, but what it shows is not known.
Expected<void> draw_grid(const Activations& activations, const DisplayOptions& display, const Cancel& cancel,
                         GridPicture& picture);

}  // namespace convlens
