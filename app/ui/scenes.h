/// Scenes and the window: how one is shown, captured and saved.
#pragma once

#include <filesystem>

#include "app/ui/frame.h"

namespace convlens {

/// Puts the view as the scene wants it, for a document whose picture is there.
void show_as(const SceneView& scene, View& view);

/// The view as a scene keeps it.
SceneView scene_now(const View& view);

/// What paths of scenes are relative to: the lecture's folder, or the current one for a lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

/// Puts a scene behind the present one, which it becomes; begins a lecture where there is none.
void capture_scene(LectureView& view, const Document& document, const SceneView& scene);

/// Writes the lecture to its file and gives that. The program's own lectures stay as they are: a changed one goes into
/// the current folder, as a new one does. Fails as save_lecture().
Expected<std::filesystem::path> save_lecture_file(LectureView& view, const Assets& assets);

}  // namespace convlens
