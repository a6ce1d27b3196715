/// Scenes and views.
#include "app/ui/scenes.h"

#include <algorithm>

#include "app/ui/tools.h"

namespace convlens {

namespace fs = std::filesystem;

void show_as(const SceneView& scene, View& view) {
    view.tool = Tool::grid;
    for (const ToolView& tool : tools())
        if (tool.id == scene.tool) view.tool = tool.tool;
    view.side = scene.tool == "kernel"  ? Side::edit
                : scene.tool == "train" ? Side::train
                : scene.pin             ? Side::why
                                        : Side::kernels;
    view.pin = scene.pin;
    view.marked = scene.pin ? std::optional(scene.pin->channel) : std::nullopt;
    view.grid.enlarged = scene.enlarged;
    view.grid.zoom = 1;
    view.grid.center = {0.5F, 0.0F};
    view.slide.position = scene.slide;
    view.slide.playing = false;
}

SceneView scene_now(const View& view) {
    SceneView scene{"grid", view.pin, view.grid.enlarged, view.slide.position};
    for (const ToolView& tool : tools())
        if (tool.tool == view.tool) scene.tool = tool.id;
    if (view.tool == Tool::grid && view.side == Side::edit) scene.tool = "kernel";
    if (view.tool == Tool::grid && view.side == Side::train) scene.tool = "train";
    return scene;
}

fs::path lecture_folder(const LectureView& view) {
    std::error_code ignored;
    return view.file.empty() ? fs::current_path(ignored) : view.file.parent_path();
}

void capture_scene(LectureView& view, const Document& document, const SceneView& scene) {
    if (!view.lecture) view.lecture = Lecture{"Lecture", {}};
    auto& scenes = view.lecture->scenes;
    const auto at =
        scenes.empty() ? scenes.begin() : scenes.begin() + std::min<std::ptrdiff_t>(view.scene + 1, std::ssize(scenes));
    const auto added =
        scenes.insert(at, Scene{network_title(document), "", unloaded(document, lecture_folder(view)), scene});
    view.scene = static_cast<int>(added - scenes.begin());
    view.changed = true;
}

Expected<fs::path> save_lecture_file(LectureView& view, const Assets& assets) {
    std::error_code ignored;
    const auto here = fs::current_path(ignored);
    const bool own =
        !view.file.empty() && view.file.parent_path() == fs::absolute(assets / "lectures", ignored).lexically_normal();
    fs::path file = view.file;
    if (own || file.empty()) {
        file = here / "lecture.json";
        for (int i = 2; fs::exists(file, ignored); ++i) file = here / fmt::format("lecture-{}.json", i);
    }
    if (const auto done = save_lecture(*view.lecture, file); !done) return tl::unexpected(done.error());
    view.file = file;
    view.changed = false;
    return file;
}

}  // namespace convlens
