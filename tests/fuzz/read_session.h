/// Everything that is done with a session or a lecture file, for the fuzz target and for the replay of its corpus.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "engine/explain/live_values.h"
#include "engine/session/lecture.h"

namespace convlens {

struct ReadSession {
    std::string message;      ///< Why it is none; empty when it was read.
    bool reads_back = false;  ///< What is printed reads back and prints the same.
};

/// Reads `text`, prints it, reads that and prints it again. Files that it names are not opened.
inline ReadSession read_session(std::string_view text, std::string_view name) {
    std::optional<SceneView> view, view_again;
    const auto session = parse_session(text, name, &view);
    if (!session) return {session.error().message, false};
    const std::string printed = print_session(*session, view.value_or(SceneView()));
    const auto again = parse_session(printed, name, &view_again);
    return {"", again && print_session(*again, view_again.value_or(SceneView())) == printed};
}

/// Composes a scene as the window does. Returns false if something has no finite place.
inline bool composes(const Scene& scene) {
    static const Typeface typeface;
    const SceneTexts texts{with_live_values(scene.title, nullptr), with_live_values(scene.number, nullptr),
                           with_live_values(scene.text_after(scene.steps.size()), nullptr)};
    rich_text_html(texts.text);
    const ScenePage page = compose_scene(texts, scene.layout, typeface, 640, 360);
    return std::all_of(page.texts.begin(), page.texts.end(), [](const PageText& text) {
        return std::isfinite(text.x + text.y + text.layout.width + text.layout.height);
    });
}

/// The same for a lecture, whose texts are also composed.
inline ReadSession read_lecture(std::string_view text, std::string_view name) {
    const auto lecture = parse_lecture(text, name);
    if (!lecture) return {lecture.error().message, false};
    const std::string printed = print_lecture(*lecture);
    const auto again = parse_lecture(printed, name);
    const bool composed = std::all_of(lecture->scenes.begin(), lecture->scenes.end(), composes);
    return {"", composed && again && print_lecture(*again) == printed};
}

}  // namespace convlens
