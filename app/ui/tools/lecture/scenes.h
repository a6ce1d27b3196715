/// Applies scenes to the view and captures them.
#pragma once

#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/tools/lecture/lecture.h"

namespace convlens {

/// Sets the view as the scene requires, for a document whose picture is available. An unknown tool is replaced by the
/// grid.
void show_as(const SceneView& scene, View& view, States& states);

/// The current view as a scene stores it.
SceneView scene_now(const View& view, States& states);

/// Base folder of the paths in scenes: the lecture's folder, or the current folder for a lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

}  // namespace convlens
