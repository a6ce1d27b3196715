/// Draws whole grids where single cells can't be drawn.
#include "engine/nn/draw_grid.h"

#include <utility>

namespace convlens {

Expected<void> draw_grid(const Activations& activations, const DisplayOptions& display, const Cancel& cancel,
                         GridPicture& picture) {
    if (const auto* cells = dynamic_cast<const DrawsCells*>(&activations))
        return cells->draw_cells(display, cancel, picture);
    picture.shows = {};
    auto image = activations.render_grid(display, cancel, std::move(picture.image));
    if (!image) return tl::unexpected(image.error());
    picture.image = std::move(*image);
    return {};
}

}  // namespace convlens
