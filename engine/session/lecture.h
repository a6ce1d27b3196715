/// Lectures: sequences of scenes, stored as JSON files; docs/SESSION_FORMAT.md describes the format.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/io/file.h"
#include "engine/session/scene_page.h"
#include "engine/session/scene_view.h"
#include "engine/session/session.h"

namespace convlens {

/// Limits of a lecture: bytes of a scene's title and number, bytes of its text and notes, and number of scenes.
inline constexpr std::size_t max_scene_title = 200, max_scene_text = 4000, max_scenes = 1000;

/// What the second picture of a scene shows.
enum class SecondView {
    input,    ///< The input of the network.
    kernels,  ///< All kernels of the layer; the input if it has none.
};

/// A question to the audience. The texts are markup of rich_text.h; live values in them are those after the step.
struct SceneQuestion {
    std::string prompt;                ///< At most max_scene_text bytes.
    std::vector<std::string> choices;  ///< Up to max_choices texts of at most max_scene_title bytes. If there are none,
                                       ///< the answer is typed.
    /// Up to max_choices channels whose kernels are the choices, instead of `choices`.
    std::vector<int> kernels;
    /// The right choice or the number to type, at most max_scene_title bytes; for `kernels`, the right one is the
    /// channel that is shown alone.
    std::string answer;
    std::string why;  ///< Shown with the answer, at most max_scene_text bytes.
};
inline constexpr std::size_t max_choices = 6;

/// What changes when the lecturer goes on inside of a scene.
struct SceneStep {
    std::string text;                       ///< Lines that are added to the text of the scene; may be empty.
    DocumentSpec document;                  ///< The whole document after the step.
    SceneView view;                         ///< The whole view after the step.
    float seconds = 0.8F;                   ///< Duration of the animation to the new document and view, 0 to 60.
    std::optional<SceneQuestion> question;  ///< Asked before the step is shown.
};
inline constexpr std::size_t max_steps = 64;

/// One scene of a lecture. Title, number and text are markup of rich_text.h.
struct Scene {
    std::string title;  ///< One line of at most max_scene_title bytes.
    std::string text;   ///< A few lines for the audience, at most max_scene_text bytes.
    DocumentSpec document;
    SceneView view;
    SceneLayout layout = SceneLayout::full;
    std::string number{};  ///< The text in very large type; used by SceneLayout::number. At most max_scene_title bytes.
    SecondView second = SecondView::input;  ///< Used by SceneLayout::side_by_side.
    std::string notes{};             ///< For the lecturer and for handouts, at most max_scene_text bytes; may be empty.
    std::vector<SceneStep> steps{};  ///< At most max_steps.

    /// Returns the document and the view after `count` steps.
    const DocumentSpec& document_after(std::size_t count) const {
        return count == 0 ? document : steps[count - 1].document;
    }
    const SceneView& view_after(std::size_t count) const { return count == 0 ? view : steps[count - 1].view; }
    /// Returns the text after `count` steps.
    std::string text_after(std::size_t count) const;
};

/// A place in a scene at which the lecturer stops.
struct ScenePlace {
    std::size_t steps = 0;  ///< Number of steps that are shown.
    bool asked = false;     ///< Whether the question of the next step is open.
    bool answered = false;  ///< Whether the last step shown has a question, whose answer is shown.
    friend bool operator==(const ScenePlace&, const ScenePlace&) = default;
};

/// Returns the places of a scene in order: the scene itself, then for each step its question, if it has one, and the
/// step. A scene without text whose first step asks begins with the question.
std::vector<ScenePlace> places_of(const Scene& scene);

/// A sequence of scenes.
struct Lecture {
    std::string title;
    std::vector<Scene> scenes;  ///< 1 to 1000 scenes.
};

/// Parses a lecture; `name` is the name of the file in messages. Fails like parse_session(), with one sentence that
/// names the scene, also for a text of more than `max_bytes`, and if the documents of all steps have more.
Expected<Lecture> parse_lecture(std::string_view text, std::string_view name,
                                std::size_t max_bytes = max_session_bytes);

/// Returns the lecture as JSON. Paths and names of parts are written unchanged. Parsing the text and printing it again
/// gives the same bytes.
std::string print_lecture(const Lecture& lecture);

/// Makes the paths of all scenes absolute, which were relative to `folder`, an absolute path.
void make_absolute(Lecture& lecture, const std::filesystem::path& folder);

/// Replaces the texts of the lecture by their translations, those of translated().
void translate(Lecture& lecture);

/// Returns the folder to which the paths in the lecture file `path` are relative, as an absolute path: that of the file
/// or, for a bundle (.zip), the bundle itself. load_parts() takes it.
std::filesystem::path folder_of_lecture(const std::filesystem::path& path);

/// Reads and parses a lecture, a .json file or a bundle. Its paths stay relative to folder_of_lecture(path). Fails like
/// read_part() and parse_lecture(), and for the bundle of a session.
Expected<Lecture> open_lecture(const std::filesystem::path& path, std::size_t max_bytes = max_session_bytes);

/// Returns the lecture as JSON like print_lecture(). Fails if open_lecture() would reject it: because of the limits
/// above, or because edited weights would make it larger than max_session_bytes (64 MiB). `name` is the name of the
/// file in messages.
Expected<std::string> checked_text(const Lecture& lecture, std::string_view name);

/// Writes the lecture to a .json file, completely or not at all. Fails like checked_text() and write_file().
/// save_lecture_bundle() writes it together with the files that it names.
Expected<void> save_lecture(const Lecture& lecture, const std::filesystem::path& path,
                            Existing existing = Existing::replaced);

/// Writes the lecture like save_lecture(), but also if open_lecture() would reject it: an automatically saved file may
/// be larger, and can be mended by hand.
Expected<void> keep_lecture(const Lecture& lecture, const std::filesystem::path& path);

}  // namespace convlens
