/// Applies the view of a scene or a session to the window, and captures it.
#include "app/ui/scene_view.h"

#include "app/ui/tool.h"

namespace convlens {

void show_as(const SceneView& scene, View& view, States& states) {
    const Tool* const tool = find_tool(scene.tool);
    view.tool = tool && tool->middle.title ? tool : &grid_tool;
    view.side = tool && tool->side.title && !tool->middle.title ? tool : scene.pin ? &microscope_tool : &kernels_tool;
    view.pin = scene.pin;
    view.selected = scene.mark ? scene.mark : scene.pin ? std::optional(scene.pin->channel) : std::nullopt;
    view.grid.enlarged = scene.enlarged;
    view.grid.zoom = scene.zoom;
    view.grid.center = {scene.center[0], scene.center[1]};
    for (const Tool* each : tools()) {
        if (!each->show_part) continue;
        const auto part = scene.parts.find(each->id);
        each->show_part(states, part == scene.parts.end() ? ScenePart() : part->second);
    }
}

SceneView scene_now(const View& view, States& states) {
    SceneView scene;
    // A scene stores one tool: the one in the central panel. Only if that is the grid, the tool on the right is stored
    // instead, unless that tool has a view in the central panel or is the default one, the kernels.
    const bool at_side = view.tool == &grid_tool && !view.side->middle.title && view.side != &kernels_tool;
    scene.tool = at_side ? view.side->id : view.tool->id;
    scene.pin = view.pin;
    scene.enlarged = view.grid.enlarged;
    if (view.selected && !(view.pin && view.pin->channel == *view.selected)) scene.mark = view.selected;
    scene.zoom = view.grid.zoom;
    if (view.grid.zoom != 1) scene.center = {view.grid.center.x, view.grid.center.y};
    for (const Tool* tool : tools())
        if (ScenePart part = tool->scene_part ? tool->scene_part(states) : ScenePart(); part != ScenePart())
            scene.parts[tool->id] = std::move(part);
    return scene;
}

}  // namespace convlens
