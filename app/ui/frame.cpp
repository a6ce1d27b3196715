/// Keeps the view within the output, and reports files that have been written.
#include "app/ui/frame.h"

#include <filesystem>

#include "app/ui/language.h"
#include "app/web/page.h"

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

void report_saved(Frame& frame, const std::string& path) {
    if constexpr (in_browser) {
        page::download(path);
        frame.requests.note = tr_format("downloaded {}", std::filesystem::path(path).filename().string());
    } else {
        frame.requests.note = tr_format("saved {}", path);
    }
}

}  // namespace convlens
