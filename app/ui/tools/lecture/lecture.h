/// Lectures: stepping through scenes and presenting them.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "app/ui/tool.h"
#include "engine/session/lecture.h"

namespace convlens {

struct LectureView {
    bool spotlight = false;  ///< Whether a bright circle is drawn around the pointer.
    std::optional<Lecture> lecture;
    std::filesystem::path file;     ///< File that the lecture was opened from and is saved to; empty for a new lecture.
    int opened = 0;                 ///< Number of lectures opened so far.
    int scene = 0;                  ///< Index of the current scene.
    int changes = 0, saved = 0;     ///< Number of changes, and the number of changes at the last save.
    bool waiting = false;           ///< Whether a scene is being loaded.
    std::optional<SceneView> next;  ///< View of that scene, to be applied when the picture of its document is
                                    ///< available.

    bool changed() const { return changes != saved; }
};

void go_to_scene(Frame& frame, int scene);  ///< Shows scene `scene` as it was saved; clamps the index to the existing
                                            ///< scenes.
void capture_scene(Frame& frame);           ///< Inserts the current view as a scene after the current one.
void save_lecture(Frame& frame);  ///< Saves the lecture to its file. A lecture that comes with the program is saved to
                                  ///< the current folder.
void present(
    Frame& frame);  ///< Starts or ends lecture mode; opens the lecture that comes with the program if none is open.

extern const Tool lecture_tool;
extern const Overlay scenes_overlay;

float caption_height(Frame& frame);  ///< Returns the height of the caption in lecture mode; 0 without a scene.
void caption_panel(Frame& frame);    ///< Draws title and text of the scene, and controls while the mouse is near the
                                     ///< lower edge.
void scenes_panel(Frame& frame);     ///< Draws the list of scenes.
void spotlight(Frame& frame);        ///< Draws the spotlight around the pointer if it is on.

}  // namespace convlens
