/// Lectures: scenes to be stepped through, and presenting them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/ui/tool.h"
#include "engine/session/lecture.h"

namespace convlens {

struct LectureView {
    bool spotlight = false;  ///< A ring of light round the pointer.
    std::optional<Lecture> lecture;
    std::filesystem::path file;     ///< Where it is from and where it is saved; empty for a new one.
    int opened = 0;                 ///< How many lectures were opened so far.
    int scene = 0;                  ///< Where the speaker is.
    int changes = 0, saved = 0;     ///< How often it was changed; up to which change it was saved.
    bool waiting = false;           ///< A scene is on its way to the screen ...
    std::optional<SceneView> next;  ///< ... and is to be shown like this once its picture is there.

    bool changed() const { return changes != saved; }
};

void go_to_scene(Frame& frame, int scene);  ///< As it was saved; the nearest there is.
void capture_scene(Frame& frame);           ///< What is on screen becomes the scene after the present one.
void save_lecture(Frame& frame);  ///< To its file; a lecture that came with the program goes to the current folder.
void present(Frame& frame);       ///< Begins or ends presenting; opens the program's lecture where there is none.

extern const Tool lecture_tool;
extern const Overlay scenes_overlay;

float caption_height(Frame& frame);  ///< While presenting; 0 without a scene.
void caption_panel(Frame& frame);    ///< Title and text of the scene; controls while the mouse is near.
void scenes_panel(Frame& frame);     ///< The list of scenes.
void spotlight(Frame& frame);        ///< Round the pointer, when on.

}  // namespace convlens
