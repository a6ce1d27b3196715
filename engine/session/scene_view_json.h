/// Reading and writing of the JSON object "view" of scenes and sessions; docs/SESSION_FORMAT.md describes it.
#pragma once

#include "engine/io/json_members.h"
#include "engine/session/scene_view.h"

namespace convlens {

/// Depth of the innermost JSON value of a view: a tool's state, nested five levels deep.
inline constexpr int view_depth = 6;

/// Returns the view that `json` describes; the default view if it is null. Fails with a sentence that begins with
/// `where`.
Expected<SceneView> view_from(const Json* json, std::string_view where);

/// Returns the view as a JSON object without members that have their default value.
nlohmann::ordered_json view_json(const SceneView& view);

}  // namespace convlens
