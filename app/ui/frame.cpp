/// Keeps the view within the output.
#include "app/ui/frame.h"

namespace convlens {

void clamp_view(View& view, const RenderResult& shown) {
    const auto gone = [&](int channel) { return static_cast<std::size_t>(channel) >= shown.stats.size(); };
    if (view.selected && gone(*view.selected)) view.selected.reset();
    if (view.grid.enlarged && gone(*view.grid.enlarged)) view.grid.enlarged.reset();
    const Shape& s = shown.output_shape;
    const auto outside = [&](const std::optional<PixelPosition>& position) {
        return position && (gone(position->channel) || position->y >= s.h || position->x >= s.w);
    };
    if (outside(view.hover)) view.hover.reset(), view.by_keys = false;
    if (outside(view.pin)) view.pin.reset();
}

}  // namespace convlens
