/// Applies scenes to the view and captures them.
#pragma once

#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/tools/lecture/lecture.h"

namespace convlens {

/// Sets `view` and `states` as `scene` specifies. The picture of the scene's document must be available. An unknown
/// tool is replaced by the grid.
void show_as(const SceneView& scene, View& view, States& states);

/// Returns the current view in the form that a scene stores.
SceneView scene_now(const View& view, States& states);

/// Returns the base folder of the paths in scenes: the folder of the lecture's file, or the current folder for a
/// lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

}  // namespace convlens
