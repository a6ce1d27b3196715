/// Draws the player.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/tools/video/trail.h"
#include "app/ui/tools/video/video.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"
#include "engine/io/frames.h"

namespace convlens {
namespace {

/// Draws what can be played, where the input is a still picture.
void nothing_to_play(Frame& f) {
    ImGui::TextWrapped("%s", tr("Open an animated GIF or WebP, or a video: .y4m, or with the program ffmpeg also .mp4, "
                                ".webm, .mov, .avi and "
                                "others."));
    const auto* input = std::get_if<PictureInput>(&f.draft.input.source);
    if (!input || !input->pictures.front().origin.is_file()) return;
    const auto pattern = pattern_of(input->pictures.front().origin.path());
    if (pattern.empty()) return;
    const std::string title = tr_format("Play {}", pattern.filename().string());
    if (button(f, "video.numbered", title.c_str(),
               "Plays the pictures of this folder whose names differ only in their number"))
        load(f, Opens::images, input_job({pattern.string()}));
}

/// Draws the slider of frames. While it is dragged, frames run; the last one goes into the document.
void scrub(Frame& f, VideoView& v) {
    int frame = std::max(v.frame, 0);
    ImGui::SetNextItemWidth(-1);
    const bool moved = ImGui::SliderInt("##frame", &frame, 0, std::max(v.count - 1, 1), tr("frame %d"));
    f.map.mark("video.frame");
    tooltip("Number of the frame, counted from 0; drag to move through the stream, double-click to type");
    if (moved) {
        v.playing = false;
        show_frame(f, v, frame, false);
    }
    v.scrubbing = ImGui::IsItemActive();
    if (ImGui::IsItemDeactivated() && (v.shown || v.frame != v.document_frame)) show_frame(f, v, v.frame, true);
}

/// Draws the part of the stream that plays.
void in_and_out(Frame& f, VideoView& v) {
    if (button(f, "video.in", "In", "Lets the part that plays begin with this frame")) {
        v.in = v.frame;
        if (v.out && *v.out < v.in) v.out.reset();
    }
    same_line_if_fits(button_width("Out"));
    if (button(f, "video.out", "Out", "Lets the part that plays end with this frame")) {
        v.out = v.frame;
        v.in = std::min(v.in, v.frame);
    }
    if (v.in == 0 && !v.out) return;
    same_line_if_fits(button_width("All"));
    if (button(f, "video.all", "All", "Plays all frames again")) {
        v.in = 0;
        v.out.reset();
    }
    ImGui::TextDisabled("%s", tr_format("plays frames {} to {}", v.in, video_end(v)).c_str());
}

/// Draws what is subtracted from the frames.
void subtract(Frame& f, VideoView& v) {
    const bool fixed = v.minus && *v.minus != FramePath::frame_before;
    constexpr Words<3> names{"nothing", "frame before", "this frame"};
    const std::string third = fixed ? tr_format("frame {}", *v.minus) : tr(std::string(names[2]));
    const std::array<std::string_view, 3> shown{tr(names[0]), tr(names[1]), third};
    int kind = fixed ? 2 : v.minus ? 1 : 0;
    constexpr Word tooltip_text =
        "What is subtracted from each frame: gray where nothing moves, so that the filters see motion only";
    label("subtract", tooltip_text);
    const bool changed = choice_as_shown(f, "subtract", names, shown, kind, tooltip_text);
    bool remember = changed && kind == 2;
    if (fixed && button(f, "video.remember", "Remember this frame", "Subtracts the frame on screen from now on"))
        remember = true;
    if (!changed && !remember) return;
    v.minus = kind == 0 ? std::nullopt : std::optional(remember ? std::max(v.frame, 0) : FramePath::frame_before);
    if (!v.playing) show_frame(f, v, v.frame, true);
}

void player(Frame& f) {
    auto& v = f.states.of<VideoView>();
    if (v.path.empty()) return nothing_to_play(f);
    if (!v.known) {
        ImGui::TextDisabled("%s", tr("Opening ..."));
        return;
    }
    if (v.count < 2) {
        ImGui::TextWrapped("%s", tr_format("{} has one frame.", input_title(f.draft.input)).c_str());
        return;
    }
    scrub(f, v);
    if (button(f, "video.play", v.playing ? "Pause" : "Play",
               "Plays the stream, or pauses and puts the frame into the document (Ctrl+Space)"))
        play_video(f, v, !v.playing);
    same_line_if_fits(button_width("Back"));
    if (button(f, "video.back", "Back", "Shows the frame before")) {
        v.playing = false;
        show_frame(f, v, std::max(v.frame - 1, 0), true);
    }
    same_line_if_fits(button_width("Step"));
    if (button(f, "video.step", "Step", "Shows the next frame")) {
        v.playing = false;
        show_frame(f, v, v.frame + 1, true);
    }
    in_and_out(f, v);
    check_row(f, "loop", v.loop, "Begins again after the last frame");
    constexpr std::array<std::string_view, 5> speeds{"1/4", "1/2", "1", "2", "4"};
    choice_row(f, "speed", speeds, v.speed, "How fast the stream plays, compared with its own time");
    subtract(f, v);
    const double rate = v.duration > 0 ? static_cast<double>(video_speeds[v.speed]) / v.duration : 0;
    ImGui::PushTextWrapPos();
    ImGui::TextDisabled("%s", tr_format("{} frames, {:.4g} per second", v.count, rate).c_str());
    tooltip("Number of frames, and how many are due per second at this speed");
    if (v.passed > 0) {
        const int dropped = std::max(0, v.passed - v.on_screen);
        ImGui::TextDisabled("%s", tr_format("{} shown, {} dropped", v.on_screen, dropped).c_str());
        tooltip("Frames since Play that were seen in the grid, and that were left out because a newer one was due");
    }
    ImGui::PopTextWrapPos();
}

}  // namespace

void video_panel(Frame& f) {
    // While the camera is on, its frames are the input.
    const bool camera = f.states.of<CameraView>().camera != nullptr;
    if (!camera) player(f);
    ImGui::Spacing();
    camera_part(f);
    if (camera || f.states.of<VideoView>().count > 1) trail_part(f);
}

}  // namespace convlens
