/// Draws the pictures that channels are strongest for, the options of the search and its time line.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/maximize/maximize.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/slider_format.h"
#include "app/ui/widgets/theme.h"
#include "engine/io/file.h"
#include "engine/io/image_file.h"

namespace convlens {
namespace {

/// Draws a checkbox, in a low window below the one before, because it is in a popup there.
void check(Frame& f, const char* id, const char* title, bool& value, const char* tooltip_text) {
    if (!tight()) same_line_if_fits(ImGui::GetFrameHeight() + ImGui::CalcTextSize(tr(title)).x + ImGui::GetFontSize());
    ImGui::Checkbox(tr_label(title).c_str(), &value);
    f.map.mark(id);
    tooltip(tooltip_text);
}

/// Draws the button that saves the pictures as one PNG.
void save(Frame& f, const MaximizeView& v) {
    const bool clicked =
        button(f, "maximize.save", "Save", "Saves the pictures as a PNG beside the input image, with transparent gaps");
    const MaximizeMoment* shown = v.moment();
    if (!clicked || !shown) return;
    enqueue(f,
            [image = shown->grid,
             path = suggested_path(f.draft.input, "-" + f.shown->layer + "-inputs", ".png")]() -> Expected<Done> {
                const auto saved = write_new_file(path, encode_png(*image));
                if (!saved) return fail("the pictures were not saved: {}", saved.error().message);
                return [free = *saved](Frame& frame) { report_saved(frame, free); };
            });
}

void other_start(Frame& f, MaximizeView& v) {
    if (button(f, "maximize.seed", "Other start", "Starts again from other gray pictures, with the next seed"))
        ++v.options().seed;
}

/// Draws the slider that shows earlier pictures. At its right end, it follows the search.
void time_line(Frame& f, MaximizeView& v) {
    const MaximizeMoment* shown = v.moment();
    if (!shown) return;
    const auto& moments = v.progress.moments;
    const int last = static_cast<int>(moments.size()) - 1;
    int at = static_cast<int>(shown - moments.data());
    const float width = ImGui::GetFontSize() * (tight() ? 7.0F : 11.0F);
    same_line_if_fits(width);
    ImGui::SetNextItemWidth(width);
    const std::string text = moments.back().steps == 0 ? tr("the beginning")
                                                       : tr_format("step {} of {}", shown->steps, moments.back().steps);
    if (ImGui::SliderInt("##maximize.step", &at, 0, last, slider_format(text).c_str(), ImGuiSliderFlags_NoInput))
        v.looked_at =
            at >= last ? std::nullopt : std::optional(moments[static_cast<std::size_t>(std::max(at, 0))].steps);
    f.map.mark("maximize.step");
    tooltip("The time line of the search: drag to see earlier pictures; at the right end, it follows the search");
}

void search_row(Frame& f, MaximizeView& v) {
    constexpr Words<2> names{"one value", "mean of the map"};
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
        if (playing)
            v.thread->pause();
        else
            search_to(v, v.progress.steps() + steps_at_a_time);
    }
    time_line(f, v);
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
    same_line_if_fits(ImGui::CalcTextSize(tr_format("seed {}", 999).c_str()).x);
    ImGui::AlignTextToFramePadding();
    ImGui::TextDisabled("%s", tr_format("seed {}", v.options().seed).c_str());
}

/// Draws a slider beside the control before it.
void slider(Frame& f, const char* id, int& value, int highest, const char* format, const char* tooltip_text) {
    const float width = ImGui::GetFontSize() * 6;
    same_line_if_fits(width);
    ImGui::SetNextItemWidth(width);
    ImGui::SliderInt(fmt::format("##{}", id).c_str(), &value, 0, highest, tr(format), ImGuiSliderFlags_AlwaysClamp);
    f.map.mark(id);
    tooltip(tooltip_text);
}

/// Draws the ranges of the random scale and rotation, which a checkbox switches on.
void motions(Frame& f, MaximizeOptions& o) {
    bool moves = o.scale > 0 || o.rotation > 0;
    const bool before = moves;
    check(f, "maximize.motions", "scale, rotate", moves,
          "Scales and rotates the picture at random in each step, so that it depends less on exact pixels (Olah et al. "
          "2017). It continues around its edges");
    if (moves != before) o.scale = moves ? maximize_scale : 0, o.rotation = moves ? maximize_rotation : 0;
    if (!moves) return;
    auto percent = static_cast<int>(std::lround(100 * o.scale)), degrees = static_cast<int>(std::lround(o.rotation));
    slider(f, "maximize.scale", percent, 50, "up to %d %%", "Largest change of the size in a step, in percent");
    slider(f, "maximize.rotation", degrees, 180, "up to %d deg", "Largest rotation in a step, in degrees");
    o.scale = static_cast<float>(percent) / 100, o.rotation = static_cast<float>(degrees);
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
    motions(f, o);
    check(
        f, "maximize.decay", "L2 penalty", decay,
        "Pulls the picture towards gray, in proportion to its contrast. Off: everything becomes black, white or a pure "
        "color");
    bool smooth = o.total_variation > 0;
    check(f, "maximize.smooth", "smooth", smooth,
          "Penalizes differences between neighboring pixels (total variation, Mahendran and Vedaldi 2015)");
    check(f, "maximize.image", "from the image", v.from_image,
          "Starts from the middle of the image instead of gray: what the channel responds to grows out of the image");
    o.total_variation = smooth ? maximize_variation : 0;
    o.weight_decay = decay ? maximize_decay : 0;
    o.low_pass = low_pass ? MaximizeOptions().low_pass : 0;
    o.jitter = jitter ? maximize_jitter : 0;
}

/// Draws the pictures and handles the mouse. The tooltip begins with `caption`.
void pictures(Frame& f, MaximizeView& v, const MaximizeMoment& shown, const std::string& caption) {
    const auto& channels = v.task.options.channels;
    std::optional<int> marked;
    if (f.view.selected) {
        const auto found = std::ranges::find(channels, *f.view.selected);
        if (found != channels.end()) marked = static_cast<int>(found - channels.begin());
    }
    const auto alone = v.enlarged_position();
    const auto at = picture_area(f, "maximize.pictures", shown.grid, static_cast<int>(channels.size()),
                                 maximize_columns, ImGui::GetContentRegionAvail().y, marked, alone);
    if (!at || static_cast<std::size_t>(*at) >= shown.values.size()) return;
    const int channel = channels[static_cast<std::size_t>(*at)];
    if (ImGui::IsItemClicked()) f.view.selected = channel;
    if (channels.size() > 1 && ImGui::IsMouseDoubleClicked(0))
        v.enlarged = alone ? std::nullopt : std::optional(channel);
    std::string text =
        tr_format("channel {}: {:.4g} for this picture", channel, shown.values[static_cast<std::size_t>(*at)]);
    // The search maximizes the values before a ReLU; the largest one is the same after it.
    const bool comparable = v.task.options.objective == Objective::unit ||
                            !std::holds_alternative<ReLU>(v.task.network.layers.back().operation);
    if (comparable && static_cast<std::size_t>(channel) < f.shown->stats.size()) {
        const ChannelStats& stats = f.shown->stats[static_cast<std::size_t>(channel)];
        text += v.task.options.objective == Objective::unit ? tr_format(", at most {:.4g} in the image", stats.max)
                                                            : tr_format(", {:.4g} in the image", stats.mean);
    }
    if (!shown.likeness.empty())
        text += tr_format("; cosine similarity to the kernel {:.3f}", shown.likeness[static_cast<std::size_t>(*at)]);
    if (channels.size() > 1)
        text += std::string("\n") +
                tr(alone ? "Double-click or Esc: all pictures" : "Double-click: this picture as large as it fits");
    tooltip((caption.empty() ? text : caption + "\n\n" + text).c_str());
}

/// Says how much the pictures of a first layer resemble its kernels.
std::string resemblance(const MaximizeMoment& shown) {
    if (shown.likeness.empty()) return {};
    const double mean =
        std::accumulate(shown.likeness.begin(), shown.likeness.end(), 0.0) / static_cast<double>(shown.likeness.size());
    return tr_format(
        " For a first layer, the answer is known: the kernel itself. The mean cosine similarity to the kernels is "
        "{:.2f}.",
        mean);
}

void search_panel(Frame& f, MaximizeView& v) {
    if (!f.view.presenting) search_row(f, v);  // a scene shows only the pictures
    if (!tight() && !f.view.presenting) {
        ImGui::AlignTextToFramePadding();
        ImGui::TextUnformatted(tr("Recipe:"));
        recipe(f, v);
    } else if (!f.view.presenting && ImGui::BeginPopup("maximize recipe")) {
        recipe(f, v);
        other_start(f, v);
        save(f, v);
        ImGui::EndPopup();
    }
    const MaximizeProgress& p = v.progress;
    const MaximizeMoment* shown = v.moment();
    if (!p.error.empty()) return ImGui::TextWrapped("%s.", p.error.c_str());
    if (!f.shown || !shown)
        return ImGui::TextDisabled("%s", f.status.error.empty() ? tr("Preparing ...") : f.status.error.c_str());
    const auto count = static_cast<int>(v.task.options.channels.size());
    const auto alone = v.enlarged_position();
    const std::string what = alone
                                 ? tr_format("The strongest input of channel {} of {}",
                                             v.task.options.channels[static_cast<std::size_t>(*alone)], f.shown->layer)
                             : count < f.shown->output_shape.c
                                 ? tr_format("The strongest inputs of {} channels of {}", count, f.shown->layer)
                                 : tr_format("The strongest input of each channel of {}", f.shown->layer);
    const std::string caption =
        (v.from_image
             ? tr_format("{}, {}x{} pixels, found by gradient ascent from the image.", what, p.picture.w, p.picture.h)
             : tr_format("{}, {}x{} pixels, found by gradient ascent from gray.", what, p.picture.w, p.picture.h)) +
        resemblance(*shown);
    if (!tight()) ImGui::TextWrapped("%s", caption.c_str());
    pictures(f, v, *shown, tight() ? caption : "");
}

/// Draws picture `index` of picture_area() alone, as large as it fits. Returns its index if the mouse is on it.
std::optional<int> lone_picture(Frame& f, const char* id, const std::shared_ptr<const Image>& grid, int index,
                                int count, int columns, float height) {
    constexpr float gap = 2;
    columns = std::min(columns, count);
    const int rows = (count + columns - 1) / columns;
    const auto wide = static_cast<float>(grid->width), high = static_cast<float>(grid->height);
    const float step_x = (wide - gap) / static_cast<float>(columns), step_y = (high - gap) / static_cast<float>(rows);
    const float left = gap + static_cast<float>(index % columns) * step_x,
                top = gap + static_cast<float>(index / columns) * step_y;
    const float w = step_x - gap, h = step_y - gap;
    const float scale = std::min(ImGui::GetContentRegionAvail().x / w, height / h);
    if (!(w * scale >= 1) || !(h * scale >= 1)) return {};
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImGui::InvisibleButton(id, {w * scale, h * scale});
    f.map.mark(id);
    ImGui::GetWindowDrawList()->AddImage(texture_id(f.textures.of(grid)), at, {at.x + w * scale, at.y + h * scale},
                                         {left / wide, top / high}, {(left + w) / wide, (top + h) / high});
    return ImGui::IsItemHovered() ? std::optional(index) : std::nullopt;
}

}  // namespace

std::optional<int> picture_area(Frame& f, const char* id, const std::shared_ptr<const Image>& grid, int count,
                                int columns, float height, std::optional<int> marked, std::optional<int> alone) {
    constexpr int gap = 2;  // between two pictures of picture_grid(), in its pixels
    if (alone) return lone_picture(f, id, grid, *alone, count, columns, height);
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float scale = std::min(ImGui::GetContentRegionAvail().x / static_cast<float>(grid->width),
                                 height / static_cast<float>(grid->height));
    const ImVec2 size{static_cast<float>(grid->width) * scale, static_cast<float>(grid->height) * scale};
    if (size.x < 1 || size.y < 1 || count == 0) return {};
    ImGui::InvisibleButton(id, size);
    f.map.mark(id);
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddImage(texture_id(f.textures.of(grid)), at, {at.x + size.x, at.y + size.y});
    columns = std::min(columns, count);
    const int rows = (count + columns - 1) / columns;
    const float step_x = (size.x - gap * scale) / static_cast<float>(columns),
                step_y = (size.y - gap * scale) / static_cast<float>(rows);
    const auto frame_of = [&](int i) {
        const ImVec2 corner{at.x + static_cast<float>(i % columns) * step_x,
                            at.y + static_cast<float>(i / columns) * step_y};
        draw.AddRect(corner, {corner.x + step_x + gap * scale, corner.y + step_y + gap * scale}, accent(), 0, 0,
                     hairline() * 2);
    };
    if (marked) frame_of(*marked);
    if (!ImGui::IsItemHovered()) return {};
    const ImVec2 mouse = ImGui::GetIO().MousePos;
    const int column = std::clamp(static_cast<int>((mouse.x - at.x) / step_x), 0, columns - 1),
              row = std::clamp(static_cast<int>((mouse.y - at.y) / step_y), 0, rows - 1), i = row * columns + column;
    if (i >= count) return {};
    frame_of(i);
    return i;
}

void maximize_panel(Frame& f) {
    auto& v = f.states.of<MaximizeView>();
    if (f.view.presenting) return v.patches ? patches_panel(f) : search_panel(f, v);
    if (tab(f, "maximize.search", "Search", "Searches the picture that a channel is strongest for, by gradient ascent",
            !v.patches))
        v.patches = false;
    ImGui::SameLine();
    if (tab(f, "maximize.patches", "Patches",
            "Shows the parts of the images for which a channel is strongest (Zeiler and Fergus 2014)", v.patches))
        v.patches = true;
    if (!tight()) ImGui::SameLine(0, ImGui::GetFontSize());
    if (v.patches)
        patches_panel(f);
    else
        search_panel(f, v);
}

}  // namespace convlens
