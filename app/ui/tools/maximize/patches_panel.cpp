/// Draws the strongest patches of the images: one of each channel, and several of the selected one.
#include <imgui.h>

#include <algorithm>

#include "app/ui/frame.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

void save(Frame& f, const MaximizeInput& input) {
    const bool clicked =
        button(f, "maximize.save_patches", "Save",
               "Saves the patches of all channels as a PNG beside the input image, with transparent gaps");
    if (!clicked || !input.best.grid) return;
    enqueue(f,
            [image = input.best.grid,
             path = suggested_path(f.draft.input, "-" + f.shown->layer + "-patches", ".png")]() -> Expected<Done> {
                const std::string free = unused_path(path);
                if (auto ok = write_file(free, encode_png(*image)); !ok)
                    return fail("the patches were not saved: {}", ok.error().message);
                return [free](Frame& frame) { report_saved(frame, free); };
            });
}

/// Handles the mouse over patch `at`: a click selects its channel and pins its value.
void explore(Frame& f, const CutPatches& cut, int at, int channel) {
    const StrongPlace& p = cut.places[static_cast<std::size_t>(at)];
    if (p.image < 0) return tooltip(fmt::format("channel {}: there is no other place", channel).c_str());
    if (ImGui::IsItemClicked()) {
        f.draft.display.item = p.image;
        f.view.selected = channel;
        f.view.pin = PixelPosition{channel, p.y, p.x};
    }
    const std::string where = f.shown->output_shape.n > 1 ? fmt::format(" of batch item {}", p.image) : std::string();
    tooltip(
        fmt::format("channel {}: {:.4g} at y={} x={}{}, which depends on {}x{} pixels from ({}, {}) on. A click pins "
                    "this value",
                    channel, p.value, p.y, p.x, where, p.box.w, p.box.h, p.box.x, p.box.y)
            .c_str());
}

}  // namespace

void patches_panel(Frame& f) {
    const auto* input = f.shown ? f.shown->answer<MaximizeInput>() : nullptr;
    if (!input || (!input->best.grid && input->error.empty()))
        return ImGui::TextDisabled("%s", f.status.error.empty() ? "Preparing ..." : f.status.error.c_str());
    if (!input->error.empty()) return ImGui::TextWrapped("%s.", input->error.c_str());
    const int images = f.shown->output_shape.n;
    if (!f.view.presenting) save(f, *input);
    const std::string caption = fmt::format(
        "The part of {} for which each channel of {} is strongest, {}x{} pixels: its receptive field. {}",
        images > 1 ? fmt::format("{} images", images) : std::string("the image"), f.shown->layer, input->patch.w,
        input->patch.h, input->of_selected.grid ? "" : "Click one for the strongest nine of its channel.");
    if (!tight()) {
        if (!f.view.presenting) ImGui::SameLine();
        ImGui::TextWrapped("%s", caption.c_str());
    }
    const std::vector<int>& channels = input->channels;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float line = ImGui::GetTextLineHeightWithSpacing(), gap = ImGui::GetStyle().ItemSpacing.x;
    // The nine patches of the selected channel are beside the others if there is room for them, else below.
    const bool one = input->of_selected.grid != nullptr, beside = room.x > room.y;
    const float ratio = static_cast<float>(input->best.grid->height) / static_cast<float>(input->best.grid->width);
    const float height = !one ? room.y : beside ? std::min(room.y, 0.65F * room.x * ratio) : 0.7F * (room.y - line);
    std::optional<int> marked;
    if (f.view.selected) {
        const auto found = std::ranges::find(channels, *f.view.selected);
        if (found != channels.end()) marked = static_cast<int>(found - channels.begin());
    }
    if (const auto at = picture_area(f, "maximize.best", input->best.grid, static_cast<int>(channels.size()),
                                     maximize_columns, height, marked))
        explore(f, input->best, *at, channels[static_cast<std::size_t>(*at)]);
    if (!one) return;
    if (beside) ImGui::SameLine(0, 2 * gap);
    ImGui::BeginGroup();
    ImGui::Text("Channel %d", input->selected);
    if (const auto at = picture_area(f, "maximize.nine", input->of_selected.grid, strongest_patches, 3,
                                     beside ? room.y - line : ImGui::GetContentRegionAvail().y, {}))
        explore(f, input->of_selected, *at, input->selected);
    ImGui::EndGroup();
}

}  // namespace convlens
