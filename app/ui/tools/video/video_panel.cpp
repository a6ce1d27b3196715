/// Draws the player.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/tools/browser/browser.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/tools/video/video.h"
#include "app/ui/widgets/property.h"
#include "engine/io/frames.h"

namespace convlens {
namespace {

/// Draws what can be played, where the input is a still picture.
void nothing_to_play(Frame& f) {
    ImGui::TextWrapped(
        "Open an animated GIF or WebP, or a video: .y4m, or with the program ffmpeg also .mp4, .webm, .mov, .avi and "
        "others.");
    const auto* input = std::get_if<PictureInput>(&f.draft.input.source);
    if (!input || !input->pictures.front().origin.is_file()) return;
    const auto pattern = pattern_of(input->pictures.front().origin.path());
    if (pattern.empty()) return;
    const std::string title = fmt::format("Play {}", pattern.filename().string());
    if (button(f, "video.numbered", title.c_str(),
               "Plays the pictures of this folder whose names differ only in their number"))
        load(f, Opens::images, input_job({pattern.string()}));
}

/// Draws the slider of frames. While it is dragged, frames run; the last one goes into the document.
void scrub(Frame& f, VideoView& v) {
    int frame = std::max(v.frame, 0);
    ImGui::SetNextItemWidth(-1);
    const bool moved = ImGui::SliderInt("##frame", &frame, 0, std::max(v.count - 1, 1), "frame %d");
    f.map.mark("video.frame");
    tooltip("Number of the frame, counted from 0; drag to move through the stream, double-click to type");
    if (moved) {
        v.playing = false;
        show_frame(f, v, frame, false);
    }
    v.scrubbing = ImGui::IsItemActive();
    if (ImGui::IsItemDeactivated() && (v.shown || v.frame != v.document_frame)) show_frame(f, v, v.frame, true);
}

void player(Frame& f) {
    auto& v = f.states.of<VideoView>();
    if (v.path.empty()) return nothing_to_play(f);
    if (!v.known) {
        ImGui::TextDisabled("Opening ...");
        return;
    }
    if (v.count < 2) {
        ImGui::TextWrapped("%s", fmt::format("{} has one frame.", input_title(f.draft.input)).c_str());
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
    check_row(f, "loop", v.loop, "Begins again after the last frame");
    constexpr std::array<std::string_view, 5> speeds{"1/4", "1/2", "1", "2", "4"};
    choice_row(f, "speed", speeds, v.speed, "How fast the stream plays, compared with its own time");
    const double rate = v.duration > 0 ? static_cast<double>(video_speeds[v.speed]) / v.duration : 0;
    ImGui::PushTextWrapPos();
    ImGui::TextDisabled("%s", fmt::format("{} frames, {:.4g} per second", v.count, rate).c_str());
    tooltip("Number of frames, and how many are due per second at this speed");
    if (v.passed > 0) {
        const int dropped = std::max(0, v.passed - v.on_screen);
        ImGui::TextDisabled("%s", fmt::format("{} shown, {} dropped", v.on_screen, dropped).c_str());
        tooltip("Frames since Play that were seen in the grid, and that were left out because a newer one was due");
    }
    ImGui::PopTextWrapPos();
}

}  // namespace

void video_panel(Frame& f) {
    // While the camera is on, its frames are the input.
    if (!f.states.of<CameraView>().camera) player(f);
    ImGui::Spacing();
    camera_part(f);
}

}  // namespace convlens
