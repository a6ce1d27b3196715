/// Scenes and the view: how one is shown and captured.
#pragma once

#include <filesystem>

#include "app/ui/frame.h"
#include "app/ui/tools/lecture/lecture.h"

namespace convlens {

/// Puts the view as the scene wants it, for a document whose picture is there. A tool that there is none of is the
/// grid.
void show_as(const SceneView& scene, View& view, States& states);

/// The view as a scene keeps it.
SceneView scene_now(const View& view, States& states);

/// What paths of scenes are relative to: the lecture's folder, or the current one for a lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

}  // namespace convlens
