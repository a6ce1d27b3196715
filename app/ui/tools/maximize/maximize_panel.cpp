/// Draws the pictures that channels are strongest for, and the options of the search.
#include <imgui.h>

#include <algorithm>
#include <array>

#include "app/ui/frame.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

constexpr int gap = 2;  ///< Between two pictures of picture_grid(), in its pixels.

/// Draws a checkbox, in a low window below the one before, because it is in a popup there.
void check(Frame& f, const char* id, const char* title, bool& value, const char* tooltip_text) {
    if (!tight()) same_line_if_fits(ImGui::GetFrameHeight() + ImGui::CalcTextSize(title).x + ImGui::GetFontSize());
    ImGui::Checkbox(title, &value);
    f.map.mark(id);
    tooltip(tooltip_text);
}

/// Draws the button that saves the pictures as one PNG.
void save(Frame& f, const MaximizeView& v) {
    const bool clicked =
        button(f, "maximize.save", "Save", "Saves the pictures as a PNG beside the input image, with transparent gaps");
    if (!clicked || !v.progress.grid) return;
    enqueue(f,
            [image = v.progress.grid,
             path = suggested_path(f.draft.input, "-" + f.shown->layer + "-inputs", ".png")]() -> Expected<Done> {
                const std::string free = unused_path(path);
                if (auto ok = write_file(free, encode_png(*image)); !ok)
                    return fail("the pictures were not saved: {}", ok.error().message);
                return [free](Frame& frame) { report_saved(frame, free); };
            });
}

void other_start(Frame& f, MaximizeView& v) {
    if (button(f, "maximize.seed", "Other start", "Starts again from other gray pictures, with the next seed"))
        ++v.options().seed;
}

void search_row(Frame& f, MaximizeView& v) {
    constexpr std::array<std::string_view, 2> names{"one value", "mean of the map"};
    int objective = static_cast<int>(v.options().objective);
    ImGui::SetNextItemWidth(ImGui::GetFontSize() * (tight() ? 8.0F : 10.0F));
    if (choice(
            f, "maximize.objective", names, objective,
            "What becomes as large as possible: one value, whose picture is exactly its receptive field, or the mean "
            "of the feature map"))
        v.options().objective = static_cast<Objective>(objective);
    const bool playing = v.thread && v.thread->playing();
    same_line_if_fits(button_width("Pause"));
    if (button(f, "maximize.play", playing ? "Pause" : "More",
               "Pauses the search, or continues it for 64 more steps") &&
        v.thread) {
        if (playing) {
            v.thread->pause();
        } else {
            v.thread->change([](MaximizeJob& job) { job.extend(steps_at_a_time); });
            v.thread->play();
        }
    }
    if (tight()) {
        same_line_if_fits(button_width("Recipe"));
        if (button(f, "maximize.recipe", "Recipe", "Opens the options of the search"))
            ImGui::OpenPopup("maximize recipe");
        return;
    }
    same_line_if_fits(button_width("Other start"));
    other_start(f, v);
    same_line_if_fits(button_width("Save"));
    save(f, v);
    same_line_if_fits(ImGui::CalcTextSize("step 999, seed 99").x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("step %d, seed %u", v.progress.steps, v.options().seed);
}

void recipe(Frame& f, MaximizeView& v) {
    MaximizeOptions& o = v.options();
    bool low_pass = o.low_pass > 0, jitter = o.jitter > 0, decay = o.weight_decay > 0;
    check(f, "maximize.spectrum", "frequencies", o.spectrum,
          "Changes the Fourier spectrum of the picture, whose coarse parts change most. Off: changes the pixels, which "
          "gives noise with larger values");
    ImGui::BeginDisabled(!o.spectrum);
    check(
        f, "maximize.low_pass", "low-pass", low_pass,
        "Suppresses frequencies above 0.25 cycles per pixel, which the stride of the first layer turns into patterns");
    ImGui::EndDisabled();
    check(f, "maximize.colors", "photo colors", o.correlated_colors,
          "Changes colors along the directions in which those of photographs differ. Off: changes red, green and blue");
    check(f, "maximize.jitter", "jitter", jitter,
          "Shifts the picture by up to 4 pixels in each step, so that it does not depend on one position");
    check(
        f, "maximize.decay", "L2 penalty", decay,
        "Pulls the picture towards gray, in proportion to its contrast. Off: everything becomes black, white or a pure "
        "color");
    o.weight_decay = decay ? maximize_decay : 0;
    o.low_pass = low_pass ? MaximizeOptions().low_pass : 0;
    o.jitter = jitter ? maximize_jitter : 0;
}

/// Draws the pictures as large as they fit, and handles the mouse. The tooltip begins with `caption`.
void pictures(Frame& f, const MaximizeView& v, const std::string& caption) {
    const Image& grid = *v.progress.grid;
    const ImVec2 at = ImGui::GetCursorScreenPos(), room = ImGui::GetContentRegionAvail();
    const float scale = std::min(room.x / static_cast<float>(grid.width), room.y / static_cast<float>(grid.height));
    const ImVec2 size{static_cast<float>(grid.width) * scale, static_cast<float>(grid.height) * scale};
    if (size.x < 1 || size.y < 1) return;
    ImGui::InvisibleButton("maximize.pictures", size);
    f.map.mark("maximize.pictures");
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(f.textures.of(v.progress.grid)), at, {at.x + size.x, at.y + size.y});
    const auto count = static_cast<int>(v.task.options.channels.size());
    if (count == 0) return;
    const int columns = std::min(maximize_columns, count), rows = (count + columns - 1) / columns;
    const float step_x = (size.x - gap * scale) / static_cast<float>(columns),
                step_y = (size.y - gap * scale) / static_cast<float>(rows);
    const auto frame_of = [&](int i) {
        const int row = i / columns;
        const ImVec2 corner{at.x + static_cast<float>(i % columns) * step_x, at.y + static_cast<float>(row) * step_y};
        draw.AddRect(corner, {corner.x + step_x + gap * scale, corner.y + step_y + gap * scale}, accent(), 0, 0,
                     hairline() * 2);
    };
    if (f.view.selected) {
        const auto found = std::ranges::find(v.task.options.channels, *f.view.selected);
        if (found != v.task.options.channels.end()) frame_of(static_cast<int>(found - v.task.options.channels.begin()));
    }
    if (!ImGui::IsItemHovered()) return;
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const int column = std::clamp(static_cast<int>((mouse.x - at.x) / step_x), 0, columns - 1),
              row = std::clamp(static_cast<int>((mouse.y - at.y) / step_y), 0, rows - 1), i = row * columns + column;
    if (i >= count || static_cast<std::size_t>(i) >= v.progress.values.size()) return;
    frame_of(i);
    const int channel = v.task.options.channels[static_cast<std::size_t>(i)];
    if (ImGui::IsItemClicked()) f.view.selected = channel;
    std::string text =
        fmt::format("channel {}: {:.4g} for this picture", channel, v.progress.values[static_cast<std::size_t>(i)]);
    // The search maximizes the values before a ReLU; the largest one is the same after it.
    const bool comparable = v.task.options.objective == Objective::unit ||
                            !std::holds_alternative<ReLU>(v.task.network.layers.back().operation);
    if (comparable && static_cast<std::size_t>(channel) < f.shown->stats.size()) {
        const ChannelStats& stats = f.shown->stats[static_cast<std::size_t>(channel)];
        text += v.task.options.objective == Objective::unit ? fmt::format(", at most {:.4g} in the image", stats.max)
                                                            : fmt::format(", {:.4g} in the image", stats.mean);
    }
    tooltip((caption.empty() ? text : caption + "\n\n" + text).c_str());
}

}  // namespace

void maximize_panel(Frame& f) {
    auto& v = f.states.of<MaximizeView>();
    search_row(f, v);
    if (!tight()) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted("Recipe:");
        recipe(f, v);
    } else if (ImGui::BeginPopup("maximize recipe")) {
        recipe(f, v);
        other_start(f, v);
        save(f, v);
        ImGui::EndPopup();
    }
    const MaximizeProgress& p = v.progress;
    if (!p.error.empty()) return ImGui::TextWrapped("%s.", p.error.c_str());
    if (!f.shown || !p.grid)
        return ImGui::TextDisabled("%s", f.status.error.empty() ? "Preparing ..." : f.status.error.c_str());
    const auto count = static_cast<int>(v.task.options.channels.size());
    const std::string what = count < f.shown->output_shape.c
                                 ? fmt::format("The strongest inputs of {} channels of {}", count, f.shown->layer)
                                 : fmt::format("The strongest input of each channel of {}", f.shown->layer);
    const std::string caption =
        fmt::format("{}, {}x{} pixels, found by gradient ascent from gray.{}", what, p.picture.w, p.picture.h,
                    v.first_layer ? " They resemble the kernels: that is what a first layer looks for." : "");
    if (!tight()) ImGui::TextWrapped("%s", caption.c_str());
    pictures(f, v, tight() ? caption : "");
}

}  // namespace convlens
