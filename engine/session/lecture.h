/// Lectures: sequences of scenes, stored as JSON files; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/explain/explain.h"
#include "engine/session/scene_part.h"
#include "engine/session/session.h"

namespace convlens {

/// What a scene shows besides its document. Tool names consist of 1 to 40 characters from a-z, 0-9 and _. Only the
/// window knows which tools exist: a scene keeps the data of unknown tools.
struct SceneView {
    std::string tool = "grid";
    std::optional<PixelPosition> pin;  ///< Position of the value that is explained, if any.
    std::optional<int> enlarged;       ///< The channel that is shown enlarged, if any.
    /// Saved state of tools, by tool name except "tool", "pin" and "enlarged"; at most 64 entries, each at most 64 kB
    /// of JSON, nested at most 5 levels.
    std::map<std::string, ScenePart, std::less<>> parts;
    friend bool operator==(const SceneView&, const SceneView&) = default;
};

struct Scene {
    std::string title;  ///< One line of at most 200 bytes.
    std::string text;   ///< A few lines for the audience, at most 4000 bytes.
    DocumentSpec document;
    SceneView view;
};

struct Lecture {
    std::string title;
    std::vector<Scene> scenes;  ///< 1 to 1000 scenes.
};

/// Parses a lecture. Fails with one sentence that names the scene, like parse_session().
Expected<Lecture> parse_lecture(std::string_view text, std::string_view name);

/// Returns the lecture as JSON; specs are written unchanged. print_lecture() of the parsed result gives the same bytes.
std::string print_lecture(const Lecture& lecture);

/// Reads and parses a file. Its paths are relative to its folder, as load_parts() expects.
Expected<Lecture> open_lecture(const std::filesystem::path& path);

/// Writes the lecture atomically. Fails like write_file(), and if edited weights would make the file larger than
/// max_session_bytes, the limit of open_lecture().
Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path);

}  // namespace convlens
