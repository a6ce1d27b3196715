/// Applies the view of a scene to the window, and captures the window's view for a scene.
#pragma once

#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/tools/lecture/lecture.h"

namespace convlens {

/// Sets `view` and the tools' parts of `states` as `scene` specifies. The scene's document must be on screen already.
/// If the tool is unknown, shows the grid.
void show_as(const SceneView& scene, View& view, States& states);

/// Returns what a scene stores of `view` and `states`.
SceneView scene_now(const View& view, States& states);

/// Returns the folder to which paths in scenes are relative: that of the lecture's file, or the current folder for a
/// lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

}  // namespace convlens
