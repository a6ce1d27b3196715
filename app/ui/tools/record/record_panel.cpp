/// Draws the panel of recordings: what moves, how it is drawn, and the file.
#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/record/record.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"

namespace convlens {
namespace {

std::string_view ending(const RecordView& v) { return movie_formats()[static_cast<std::size_t>(v.format)]; }

/// Draws the tabs of what moves.
void kinds(Frame& f, RecordView& v) {
    struct Kind {
        Recorded what;
        const char *id, *title, *tooltip_text;
    };
    constexpr Kind all[] = {
        {Recorded::sweep, "record.sweep", "A number", "Moves a number, such as the stride, from one value to another"},
        {Recorded::window, "record.window", "Sliding window",
         "Slides the window over the input from the first value of a channel to the last, with all terms"},
        {Recorded::frames, "record.video", "Video", "Runs the frames of the video or animation through the grid"},
        {Recorded::moments, "record.training", "Training",
         "Runs the timeline of the training from its first step to the newest one, with the weights of each step"}};
    for (const Kind& kind : all) {
        if (kind.what != Recorded::sweep) same_line_if_fits(button_width(kind.title));
        if (tab(f, kind.id, kind.title, kind.tooltip_text, v.order.what == kind.what)) {
            v.order.what = kind.what;
            if (kind.what == Recorded::window) v.frames = 150, v.rate = 20;
            if (kind.what == Recorded::moments) v.frames = 60, v.rate = 20;
        }
        if (ImGui::IsWindowAppearing() && v.order.what == kind.what) ImGui::SetItemDefaultFocus();
    }
    ImGui::Spacing();
}

void end_of_sweep(Frame& f, const char* title, const char* id, double& value, bool whole, const char* tooltip_text) {
    label(title, tooltip_text);
    ImGui::SetNextItemWidth(-1);
    ImGui::InputDouble(fmt::format("##{}", id).c_str(), &value, 0, 0, whole ? "%.0f" : "%.4g");
    f.map.mark(id);
    tooltip(tooltip_text);
    value = std::isfinite(value) ? std::clamp(value, -1e6, 1e6) : 0;
}

void sweep_rows(Frame& f, RecordView& v) {
    std::vector<std::string_view> names;
    for (const SweepNumber& n : sweep_numbers()) names.push_back(n.name);
    label("Number", "The number that moves");
    ImGui::SetNextItemWidth(-1);
    const bool chosen = choice(f, "record.number", names, v.number, "The number that moves");
    const SweepNumber& number = sweep_numbers()[static_cast<std::size_t>(v.number)];
    if (chosen) {
        v.from = number.from;
        v.to = number.to;
        v.frames = number.whole ? static_cast<int>(std::abs(v.to - v.from)) + 1 : 60;
        v.rate = number.whole ? 2 : 20;
    }
    ImGui::TextDisabled("%s.", std::string(tr(number.words)).c_str());
    end_of_sweep(f, "From", "record.from", v.from, number.whole, "The value in the first frame");
    end_of_sweep(f, "To", "record.to", v.to, number.whole, "The value in the last frame");
}

void number_of_view(Frame& f, const char* name, const char* id, int& value, int lowest, int highest, int default_value,
                    const char* tooltip_text) {
    label(name, tooltip_text);
    number_field(f, id, value, lowest, highest, default_value, tooltip_text);
}

void flag(Frame& f, const char* name, const char* id, bool& value, const char* tooltip_text) {
    label(name, tooltip_text);
    ImGui::Checkbox(fmt::format("##{}", id).c_str(), &value);
    f.map.mark(id);
    tooltip(tooltip_text);
}

void size_row(Frame& f, RecordView& v) {
    Size2& size = v.order.size;
    constexpr Word words = "Width and height of the pictures in pixels; the cells fill them";
    label("Size", words);
    const float half = (ImGui::GetContentRegionAvail().x - ImGui::GetStyle().ItemInnerSpacing.x) / 2;
    ImGui::SetNextItemWidth(half);
    number_field(f, "record.width", size.w, 64, 7680, 1280, words);
    ImGui::SameLine(0, ImGui::GetStyle().ItemInnerSpacing.x);
    ImGui::SetNextItemWidth(half);
    number_field(f, "record.height", size.h, 64, 4320, 720, words);
}

void rows(Frame& f, RecordView& v) {
    kinds(f, v);
    if (v.order.what == Recorded::sweep) sweep_rows(f, v);
    if (v.order.what == Recorded::window)
        number_of_view(f, "Channel", "record.channel", v.order.channel, 0, f.shown->output_shape.c - 1, 0,
                       "The channel whose values the window computes");
    if (v.order.what != Recorded::frames) {
        number_of_view(f, "Frames", "record.frames", v.frames, 1, 1000, 60,
                       v.order.what == Recorded::window    ? "About how many positions of the window are recorded"
                       : v.order.what == Recorded::moments ? "How many steps of the timeline are recorded, at most all"
                                                           : "Number of frames");
        number_of_view(f, "Rate", "record.rate", v.rate, 1, 60, 20, "Frames per second; a GIF has at most 50");
    } else {
        ImGui::TextWrapped("%s", tr_format("All frames of {}, at their own rate.", input_title(f.draft.input)).c_str());
    }
    flag(f, "And back", "record.back", v.order.back,
         "Adds the way back, so that the recording can be repeated without a jump");
    if (v.order.what != Recorded::window) {
        size_row(f, v);
        flag(f, "Caption", "record.caption", v.order.caption, "Draws the value that moves above the grid");
        flag(f, "Channel numbers", "record.labels", v.order.annotations.labels,
             "Draws the channel number in each cell");
        flag(f, "Colorbar", "record.colorbar", v.order.annotations.colorbar, "Draws the colorbar below the grid");
    } else {
        number_of_view(f, "Cell width", "record.pixels", v.order.pixels, 8, 128, 32,
                       "Width in pixels of the cell of each term");
    }
    label("Format",
          ".gif: every browser plays it, without loss up to 256 colors; .mp4 and .webm: small, need the program "
          "ffmpeg; .y4m: not compressed; .png: numbered pictures");
    for (std::size_t i = 0; i < movie_formats().size(); ++i) {
        if (i > 0) ImGui::SameLine();
        const std::string format(movie_formats()[i]);
        if (tab(f, ("record" + format).c_str(), format.c_str(), tr_format("Writes {}", format).c_str(),
                v.format == static_cast<int>(i)))
            v.format = static_cast<int>(i);
    }
}

/// Draws the file name, the buttons, and how far the recording is.
void finish(Frame& f, RecordView& v) {
    const bool numbered = ending(v) == ".png";
    const std::string suggestion = suggested_path(f.draft.input, numbered ? "-%03d" : "-recording", ending(v));
    if (v.path == v.suggested) v.path = v.suggested = suggestion;
    ImGui::Separator();
    constexpr Word words =
        "Output file; if the name is taken, a number is added. Numbered pictures need a place for the number: %03d";
    label("File", words);
    ImGui::InputText("##record.path", &v.path);
    f.map.mark("record.path");
    tooltip(words);
    const bool named = v.path.ends_with(ending(v)) && is_movie(v.path);
    if (v.thread) {
        if (button(f, "record.cancel", "Cancel", "Stops the recording and removes what was written"))
            cancel_recording(v);
        ImGui::SameLine();
        const float part =
            v.progress.frames > 0 ? static_cast<float>(v.progress.done) / static_cast<float>(v.progress.frames) : 0;
        ImGui::ProgressBar(part, {ImGui::GetFontSize() * 16, 0},
                           tr_format("frame {} of {}", v.progress.done, v.progress.frames).c_str());
    } else {
        ImGui::BeginDisabled(!named);
        if (button(f, "record.start", "Record", "Writes the file; the window stays usable")) start_recording(f);
        ImGui::EndDisabled();
    }
    ImGui::SameLine();
    if (button(f, "record.close", "Close (Esc)", "Closes the panel; a recording goes on")) f.view.overlay = nullptr;
    if (!named) {
        ImGui::SameLine();
        ImGui::TextDisabled("%s", tr_format("The file name must end in {}", numbered ? "%03d.png" : ending(v)).c_str());
    }
    const std::string& news = f.status.error.empty() ? f.status.note : f.status.error;
    if (!v.thread && !news.empty()) ImGui::TextWrapped("%s", news.c_str());
    if (v.progress.finished && !v.progress.lossless && ending(v) == ".gif")
        ImGui::TextDisabled("%s", tr("More than 256 colors in a picture: some are approximate."));
}

}  // namespace

void record_panel(Frame& f) {
    auto& v = f.states.of<RecordView>();
    if (!f.shown) return;
    if (!std::exchange(v.prepared, true)) v.order.size = {720, 1280};
    v.order.channel = std::clamp(v.order.channel, 0, f.shown->output_shape.c - 1);
    const float em = ImGui::GetFontSize();
    if (begin_overlay("record", em * 40, em * 39)) {
        ImGui::PushFont(font(Type::title));
        ImGui::TextUnformatted(tr("Record"));
        ImGui::PopFont();
        // The buttons stay visible when the rows must scroll.
        const float buttons = 4 * ImGui::GetFrameHeightWithSpacing() + 3 * ImGui::GetStyle().ItemSpacing.y;
        ImGui::BeginChild("rows", {0, -buttons}, false, ImGuiWindowFlags_NavFlattened);
        rows(f, v);
        ImGui::EndChild();
        finish(f, v);
        close_when_left(f);
    }
    end_overlay();
}

}  // namespace convlens
