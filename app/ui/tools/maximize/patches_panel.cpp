/// Draws the strongest patches of the images: one of each channel, and several of the selected one.
#include <imgui.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/tools/video/video.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

void save(Frame& f, const FoundPatches& found) {
    const bool clicked =
        button(f, "maximize.save_patches", "Save",
               "Saves the patches of all channels as a PNG beside the input image, with transparent gaps");
    if (!clicked || !found.best.grid) return;
    enqueue(f,
            [image = found.best.grid,
             path = suggested_path(f.draft.input, "-" + f.shown->layer + "-patches", ".png")]() -> Expected<Done> {
                const auto saved = write_new_file(path, encode_png(*image));
                if (!saved) return fail("the patches were not saved: {}", saved.error().message);
                return [free = *saved](Frame& frame) { report_saved(frame, free); };
            });
}

/// Opens the picture of a series as the input, and remembers the value to pin when it is on screen.
void open_and_pin(Frame& f, const SeriesPicture& picture, PixelPosition at) {
    f.states.of<MaximizeView>().to_pin = PatchToPin{{}, at};
    load(f, Opens::images, [picture]() -> Expected<Done> {
        auto opened = open_again(picture);
        if (!opened) return tl::unexpected(opened.error());
        return [source = std::move(*opened)](Frame& frame) {
            frame.draft.input.source = source;
            frame.draft.input.crop.reset();
            frame.draft.display.item = 0;
            frame.requests.step = true;
            if (auto& to_pin = frame.states.of<MaximizeView>().to_pin) to_pin->source = source;
        };
    });
}

/// Handles the mouse over patch `at`: a click selects its channel and pins its value.
void explore(Frame& f, const CutPatches& cut, int at, int channel) {
    const StrongPlace& p = cut.places[static_cast<std::size_t>(at)];
    if (p.image < 0) return tooltip(tr_format("channel {}: there is no other place", channel).c_str());
    const SeriesPicture* picture = cut.pictures.empty() ? nullptr : &cut.pictures[static_cast<std::size_t>(at)];
    const PixelPosition position{channel, p.y, p.x};
    if (ImGui::IsItemClicked()) {
        f.view.selected = channel;
        if (picture) {
            open_and_pin(f, *picture, position);
        } else {
            f.draft.display.item = p.image;
            f.view.pin = position;
        }
    }
    std::string where;
    if (picture)
        where = tr_format(" of {}", picture->title);
    else if (f.shown->output_shape.n > 1)
        where = tr_format(" of batch item {}", p.image);
    tooltip((tr_format("channel {}: {:.4g} at y={} x={}{}, which depends on {}x{} pixels from ({}, {}) on.", channel,
                       p.value, p.y, p.x, where, p.box.w, p.box.h, p.box.x, p.box.y) +
             " " + tr(picture ? "A click opens this picture and pins this value" : "A click pins this value"))
                .c_str());
}

/// Draws the choice of the pictures, and how far the search in them is.
void source_row(Frame& f, MaximizeView& v) {
    const bool video = !video_path(f.draft).empty();
    const Words<4> names{"the image", video ? "the video" : "the video (none is open)", "Fashion-MNIST",
                         "a folder ..."};
    int which = static_cast<int>(v.source);
    const float width = ImGui::GetFontSize() * 9;
    same_line_if_fits(width);
    ImGui::SetNextItemWidth(width);
    if (choice(f, "maximize.source", names, which,
               "Where the strongest patches are looked for: in the images on screen, in all frames of the video on "
               "screen, in the training pictures of Fashion-MNIST (Debian's package dataset-fashion-mnist), or in a "
               "folder of pictures, CIFAR-10's .bin files or MNIST's idx files")) {
        v.stopped = false;
        if (static_cast<PatchSource>(which) == PatchSource::folder)
            open_browser(f, BrowserTask::patches);
        else
            v.source = static_cast<PatchSource>(which);
    }
    if (v.source == PatchSource::image) return;
    const PatchesProgress& p = v.series.view();
    if (!p.complete()) {
        same_line_if_fits(button_width("Go on"));
        if (button(f, "maximize.stop", v.stopped ? "Go on" : "Stop",
                   "Stops the search in the pictures, or lets it go on. The patches that were found stay"))
            v.stopped = !v.stopped;
    }
    std::string progress = p.total == 0 ? tr("opening ...") : tr_format("{} of {} pictures", p.done, p.total);
    if (p.skipped > 0) progress += tr_format(", {} skipped", p.skipped);
    same_line_if_fits(ImGui::CalcTextSize(progress.c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("%s", progress.c_str());
    tooltip_as_shown(p.skipped > 0 ? p.complaint.c_str() : tr("How many of the pictures the search has looked into"));
}

/// Says where the patches are from.
std::string from_where(const Frame& f, const MaximizeView& v) {
    const int images = f.shown->output_shape.n;
    switch (v.source) {
        case PatchSource::image: break;
        case PatchSource::video: return tr("the video");
        case PatchSource::fashion: return "Fashion-MNIST";
        case PatchSource::folder:
            return tr_format("the folder {}", std::filesystem::path(v.folder).filename().string());
    }
    return images > 1 ? tr_format("{} images", images) : tr("the image");
}

/// Returns why there are no patches yet.
std::string waiting(const Frame& f, const MaximizeView& v) {
    if (!f.status.error.empty()) return f.status.error;
    if (v.source == PatchSource::video && video_path(f.draft).empty())
        return tr("The image is no frame of a video: open a video or an animation, or choose other pictures.");
    if (v.source == PatchSource::folder && v.folder.empty()) return tr("Choose a folder.");
    return tr(v.source == PatchSource::image ? "Preparing ..." : "Looking for patches ...");
}

}  // namespace

void patches_panel(Frame& f) {
    auto& v = f.states.of<MaximizeView>();
    const auto* input = f.shown ? f.shown->answer<MaximizeInput>() : nullptr;
    const FoundPatches nothing;
    const FoundPatches& found = v.source != PatchSource::image ? v.series.view().found
                                : input                        ? input->patches
                                                               : nothing;
    if (!f.view.presenting) {
        source_row(f, v);
        if (found.best.grid) {
            same_line_if_fits(button_width("Save"));
            save(f, found);
        }
    }
    if (!found.error.empty()) return ImGui::TextWrapped("%s.", found.error.c_str());
    if (!found.best.grid || !f.shown) return ImGui::TextDisabled("%s", waiting(f, v).c_str());
    const std::string caption =
        tr_format("The part of {} for which each channel of {} is strongest, {}x{} pixels: its receptive field. {}",
                  from_where(f, v), f.shown->layer, found.patch.w, found.patch.h,
                  tr(found.of_selected.grid ? "" : "Click one for the strongest nine of its channel."));
    if (!tight()) ImGui::TextWrapped("%s", caption.c_str());
    const std::vector<int>& channels = found.channels;
    const ImVec2 room = ImGui::GetContentRegionAvail();
    const float line = ImGui::GetTextLineHeightWithSpacing(), gap = ImGui::GetStyle().ItemSpacing.x;
    // The nine patches of the selected channel are beside the others if there is room for them, else below.
    const bool one = found.of_selected.grid != nullptr, beside = room.x > room.y;
    const float ratio = static_cast<float>(found.best.grid->height) / static_cast<float>(found.best.grid->width);
    const float height = !one ? room.y : beside ? std::min(room.y, 0.65F * room.x * ratio) : 0.7F * (room.y - line);
    std::optional<int> marked;
    if (f.view.selected) {
        const auto at = std::ranges::find(channels, *f.view.selected);
        if (at != channels.end()) marked = static_cast<int>(at - channels.begin());
    }
    if (const auto at = picture_area(f, "maximize.best", found.best.grid, static_cast<int>(channels.size()),
                                     maximize_columns, height, marked))
        explore(f, found.best, *at, channels[static_cast<std::size_t>(*at)]);
    if (!one) return;
    if (beside) ImGui::SameLine(0, 2 * gap);
    ImGui::BeginGroup();
    ImGui::TextUnformatted(tr_format("Channel {}", found.selected).c_str());
    if (const auto at = picture_area(f, "maximize.nine", found.of_selected.grid, strongest_patches, 3,
                                     beside ? room.y - line : ImGui::GetContentRegionAvail().y, {}))
        explore(f, found.of_selected, *at, found.selected);
    ImGui::EndGroup();
}

}  // namespace convlens
