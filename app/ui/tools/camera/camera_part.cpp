/// Draws the camera's controls and its light.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tools/camera/camera.h"
#include "app/ui/widgets/choice.h"
#include "app/ui/widgets/property.h"

namespace convlens {
namespace {

constexpr ImU32 light_color = IM_COL32(235, 60, 50, 255);

/// Titles of a mode in the language of the window, and in English for the UI map.
struct ModeTitle {
    std::string shown, english;
};

ModeTitle title_of(const CameraMode& mode) {
    const std::string size = fmt::format("{} x {}", mode.size.w, mode.size.h);
    if (!(mode.rate > 0)) return {size, size};
    return {size + tr_format(", {:.3g} per second", mode.rate), size + fmt::format(", {:.3g} per second", mode.rate)};
}

/// Draws the choice of a camera and of its mode, and the button that switches it on.
void choose(Frame& f, CameraView& v) {
    if (!v.listed) {
        if (!(v.lister && v.lister->busy())) list_cameras(v);
        ImGui::TextDisabled("%s", tr("Looking for cameras ..."));
        return;
    }
    if (!v.no_devices.empty()) return ImGui::TextWrapped("%s.", v.no_devices.c_str());
    if (v.devices.empty())
        ImGui::TextWrapped("%s", tr("No camera is plugged in."));
    else {
        std::vector<std::string> titles;
        for (const CameraDevice& d : v.devices) titles.push_back(fmt::format("{} ({})", d.name, d.path));
        const std::vector<std::string_view> names(titles.begin(), titles.end());
        ImGui::SetNextItemWidth(-1);
        if (choice_as_shown(f, "camera.device", names, names, v.device,
                            "The camera, with the name that it gives itself"))
            v.mode = static_cast<int>(usual_mode(v.devices[static_cast<std::size_t>(v.device)].modes));
        const CameraDevice& device = v.devices[static_cast<std::size_t>(v.device)];
        if (!device.problem.empty()) {
            ImGui::TextWrapped("%s: %s.", device.name.c_str(), device.problem.c_str());
        } else {
            std::vector<ModeTitle> modes;
            for (const CameraMode& m : device.modes) modes.push_back(title_of(m));
            std::vector<std::string_view> shown, english;
            for (const ModeTitle& m : modes) shown.emplace_back(m.shown), english.emplace_back(m.english);
            ImGui::SetNextItemWidth(-1);
            choice_as_shown(f, "camera.mode", english, shown, v.mode,
                            "Size of the pictures, and how many come per second at most");
            if (button(f, "camera.start", "Camera on", "Switches the camera on: the grid follows. Nothing is recorded"))
                start_camera(f, v);
            same_line_if_fits(button_width("Look again"));
        }
    }
    if (button(f, "camera.list", "Look again", "Looks for cameras that have been plugged in since")) list_cameras(v);
}

/// Draws the controls of what is on, and how its frames come.
void live(Frame& f, CameraView& v) {
    const bool screen = v.source == LiveSource::screen;
    if (button(f, "camera.freeze", "Freeze",
               screen ? "Puts the input of the grid into the document, and reads the screen no longer (Space)"
                      : "Puts the frame on screen into the document and switches the camera off (Space)"))
        return void(freeze_camera(f));
    same_line_if_fits(button_width(screen ? "Screen off" : "Camera off"));
    if (button(f, "camera.stop", screen ? "Screen off" : "Camera off",
               screen ? "Reads the screen no longer and shows the document again"
                      : "Switches the camera off and shows the document again"))
        return stop_camera(v);
    if (!screen) check_row(f, "mirror", v.mirror, "Swaps left and right, as in a mirror");
    constexpr Words<3> minus{"nothing", "frame before", "remembered frame"};
    int kind = static_cast<int>(v.minus);
    if (choice_row(f, "subtract", minus, kind,
                   "What is subtracted from each frame: gray where nothing moves, so that the filters see motion only"))
        v.minus = static_cast<CameraMinus>(kind);
    if (v.minus == CameraMinus::remembered) {
        if (!v.remembered && v.shown) v.remembered = v.shown->plain;
        if (button(f, "camera.remember", "Remember this frame", "Subtracts the frame on screen from now on") && v.shown)
            v.remembered = v.shown->plain;
    } else {
        v.remembered.reset();
    }
    ImGui::PushTextWrapPos();
    if (const std::string problem = v.camera->problem(); !problem.empty())
        ImGui::TextUnformatted(tr_format("{}: {}; the last frame stays until it comes back.", v.name, problem).c_str());
    else if (!v.shown)
        ImGui::TextDisabled("%s", tr("Waiting for the first frame ..."));
    if (const auto age = camera_age(v)) {
        ImGui::TextDisabled("%s", (screen ? tr_format("{:.0f} ms from the screen to the grid", 1000 * v.latency)
                                          : tr_format("{:.0f} ms from the camera to the screen", 1000 * v.latency))
                                      .c_str());
        tooltip("Time between the moment when the frame was taken and the moment when the grid of it was first drawn");
        if (*age > 1) ImGui::TextDisabled("%s", tr_format("the frame is {:.0f} s old", *age).c_str());
    }
    if (v.shown) {
        ImGui::TextDisabled("%s", tr_format("{} shown, {} dropped{}", v.on_screen, v.dropped(),
                                            v.broken > 0 ? tr_format(", {} damaged", v.broken) : "")
                                      .c_str());
        tooltip(
            "Frames that were seen in the grid, that were left out because a newer one had come, and that arrived "
            "damaged");
    }
    ImGui::PopTextWrapPos();
}

}  // namespace

void camera_part(Frame& f) {
    auto& v = f.states.of<CameraView>();
    const bool screen = v.source == LiveSource::screen;
    if (!v.camera || !screen) {
        section("CAMERA");
        if (v.camera) return live(f, v);
        choose(f, v);
        ImGui::Spacing();
    }
    screen_part(f);
    if (v.camera) live(f, v);
}

void camera_light(Frame& f) {
    const auto& v = f.states.of<CameraView>();
    if (!v.camera) return;
    const auto age = camera_age(v);
    const double ms = age ? 1000 * (*age > 1 ? *age : v.latency) : 0;
    const bool old = age && *age >= 10;
    const std::string text = v.source == LiveSource::screen ? !age  ? tr("screen")
                                                              : old ? tr_format("screen, {:.0f} s", *age)
                                                                    : tr_format("screen, {:.0f} ms", ms)
                             : !age ? tr("camera")
                             : old                          ? tr_format("camera, {:.0f} s", *age)
                                                            : tr_format("camera, {:.0f} ms", ms);
    const float em = ImGui::GetFontSize(), height = ImGui::GetFrameHeight();
    const ImVec2 size = ImGui::CalcTextSize(text.c_str());
    const ImVec2 corner{std::floor((ImGui::GetIO().DisplaySize.x - size.x - 2 * em) / 2),
                        f.view.presenting ? em / 2 : 0};
    ImDrawList& draw = *ImGui::GetForegroundDrawList();
    draw.AddRectFilled(corner, {corner.x + size.x + 2 * em, corner.y + height}, IM_COL32(20, 20, 24, 220), em / 4);
    draw.AddCircleFilled({corner.x + 0.7F * em, corner.y + height / 2}, 0.3F * em, light_color);
    draw.AddText({corner.x + 1.4F * em, corner.y + (height - size.y) / 2}, IM_COL32(240, 240, 240, 255), text.c_str());
}

}  // namespace convlens
