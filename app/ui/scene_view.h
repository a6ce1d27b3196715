/// Applies the view of a scene or a session to the window, and captures the window's view for it.
#pragma once

#include "app/ui/frame.h"
#include "engine/session/scene_view.h"

namespace convlens {

/// Sets `view` and the tools' parts of `states` as `scene` specifies. The scene's document must be on screen already.
/// If the tool is unknown, shows the grid.
void show_as(const SceneView& scene, View& view, States& states);

/// Returns what a scene stores of `view` and `states`.
SceneView scene_now(const View& view, States& states);

}  // namespace convlens
