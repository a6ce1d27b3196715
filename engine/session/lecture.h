/// Lectures: scenes that are stepped through, as JSON files; docs/SESSION_FORMAT.md describes the format.
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

/// What a scene shows besides its document. Names of tools have 1 to 40 of a-z, 0-9 and _; which tools there are is the
/// window's business: a scene keeps what it does not know.
struct SceneView {
    std::string tool = "grid";
    std::optional<PixelPosition> pin;  ///< The value that is explained.
    std::optional<int> enlarged;       ///< One channel alone.
    /// What tools keep of themselves, by their names but "tool", "pin" and "enlarged"; at most 64, each of at most 64
    /// kB of JSON, nested 5 deep at most.
    std::map<std::string, ScenePart, std::less<>> parts;
    friend bool operator==(const SceneView&, const SceneView&) = default;
};

struct Scene {
    std::string title;  ///< One line of at most 200 bytes.
    std::string text;   ///< A few lines for the class, at most 4000 bytes.
    DocumentSpec document;
    SceneView view;
};

struct Lecture {
    std::string title;
    std::vector<Scene> scenes;  ///< 1 to 1000.
};

/// Fails in one sentence, which names the scene, as parse_session() does.
Expected<Lecture> parse_lecture(std::string_view text, std::string_view name);

/// The lecture as JSON; specs as they are. parse_lecture() of it prints as the same bytes.
std::string print_lecture(const Lecture& lecture);

/// parse_lecture() of a file; paths in it are relative to its folder, for load_parts().
Expected<Lecture> open_lecture(const std::filesystem::path& path);

/// Writes it, whole or not at all. Fails as write_file(), and where edited weights would make the file larger than the
/// 64 MB that open_lecture() takes.
Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path);

}  // namespace convlens
