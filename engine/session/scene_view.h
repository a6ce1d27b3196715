/// What the window shows of a document: a member of scenes and of sessions.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "engine/explain/explain.h"
#include "engine/session/scene_part.h"

namespace convlens {

/// What the window shows of a scene or a session besides its document: the open tool and the states of tools. Tool
/// names consist of 1 to 40 characters from a-z, 0-9 and _. Only the window knows which tools exist; a file keeps the
/// states of unknown tools.
struct SceneView {
    std::string tool = "grid";         ///< The tool that is open; "grid" means none.
    std::optional<PixelPosition> pin;  ///< Position of the value that is explained; nullopt if there is none.
    std::optional<int> enlarged;  ///< Index of the channel that is shown alone; nullopt if the whole grid is shown.
    std::optional<int> mark;      ///< Index of the highlighted channel; nullopt means that of `pin`.
    float zoom = 1;               ///< Zoom of the grid, 1/4 to 64.
    std::array<float, 2> center{0.5F,
                                0};  ///< The point (x, y) of the whole grid, 0 to 1 along both axes, in the middle.
    /// Saved states of tools by tool name; the names of the other members are not allowed. At most 64 entries, each at
    /// most 64 kB of JSON, nested at most 5 levels.
    std::map<std::string, ScenePart, std::less<>> parts;
    friend bool operator==(const SceneView&, const SceneView&) = default;
};

}  // namespace convlens
