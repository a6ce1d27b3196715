/// The lecture tool: opens, presents, edits and saves lectures. A lecture is a sequence of scenes, each with a
/// document, a title and a text.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/ui/tool.h"
#include "engine/explain/live_values.h"
#include "engine/session/lecture.h"
#include "engine/session/scene_places.h"

namespace convlens {

/// An animation from one place of a scene to the next.
struct Transition {
    Document from, to;
    SceneView view_from, view_to;
    double begin = 0;   ///< In seconds of ImGui::GetTime().
    float seconds = 0;  ///< Duration.

    /// Returns the part of the way at this time: 0 to 1, slow at both ends.
    double part() const;
};

/// The composed scene on screen, with its texts as images.
struct Stage {
    SceneTexts texts;
    SceneLayout layout = SceneLayout::full;
    float width = 0, height = 0, answers = 0;
    std::vector<PlaceTexts> places;  ///< What the scene shows at all of its places.
    bool light = false;
    ScenePage page;
    std::vector<std::shared_ptr<const Image>> images;  ///< One for each of page.texts.
};

/// What kind of file a lecture is saved to.
enum class LectureFile {
    as_opened,  ///< Its file, a .json file or a bundle; a .json file for a new lecture.
    bundle,     ///< A .zip file with the images and weights.
};

/// State of the lecture tool.
struct LectureView {
    bool spotlight = false;          ///< Whether everything outside of a disc around the pointer is darkened.
    std::optional<Lecture> lecture;  ///< The open lecture, if any.
    std::filesystem::path file;  ///< File that the lecture was opened from or last saved to; empty for a new lecture.
    std::optional<Lecture>
        english;           ///< The lecture as it was read, if it comes with Convlens: its texts are translated.
    std::string language;  ///< Code of the language of `lecture`, if there is `english`.
    int opened = 0;        ///< Number of lectures opened so far, to notice when another one is opened.
    int scene = 0;         ///< Index of the current scene.
    int place = 0;         ///< Index in places_of() of the current scene.
    /// The documents of the loaded scene, before and after each of its steps; empty if the current scene is not loaded.
    std::vector<Document> documents;
    /// What live values are computed from, for each of `documents`; empty for a scene without live values and
    /// questions.
    std::vector<LiveFacts> facts;
    bool loading = false;              ///< Whether the current scene is being loaded.
    std::optional<Transition> change;  ///< The animation that runs, if any.
    std::optional<std::string> reply;  ///< What the audience has answered to the question at this place.
    std::string typed;                 ///< The answer that is being typed.
    int changes = 0, saved = 0;        ///< Number of changes by the user, and their number at the last save.
    std::vector<Lecture> undo, redo;   ///< The lecture before each change, the newest last; at most lecture_steps.
    /// A lecture that waits until the user has decided about the changes of the open one.
    struct Next {
        Lecture lecture;
        std::filesystem::path file;
        bool changed = false;  ///< Whether it has changes, because it was restored.
    };
    std::optional<Next> next_lecture;
    std::string typing;   ///< The text field whose changes the last step of `undo` takes back; may be empty.
    bool saving = false;  ///< Whether the lecture is being saved.
    /// How to save it once more after that, because the user asked meanwhile; otherwise nullopt.
    std::optional<LectureFile> save_again;
    bool waiting = false;  ///< Whether a scene is being loaded or computed.
    /// View of the loaded scene or of an opened session, applied when its document is on screen; otherwise nullopt.
    std::optional<SceneView> next;
    Stage stage;
    bool edge = false;  ///< Whether the buttons at the lower edge are shown.

    /// Returns true if there are changes that have not been saved.
    bool changed() const { return changes != saved; }
};

/// Opens a lecture, whose file is `file`, or empty, and shows its first scene. Before it replaces changes that are not
/// saved, ask_to_replace() asks about them. `changed`: it was restored and has changes that are in no file.
void open_lecture_in(Frame& frame, Lecture lecture, std::filesystem::path file, bool changed = false);

/// Returns true if the file is one of the lectures that come with Convlens.
bool comes_with_convlens(const std::filesystem::path& file, const Assets& assets);

/// Translates a lecture that comes with Convlens, and was not changed, into the current language of the window.
void follow_language(LectureView& view);

/// While a lecture waits because the open one has changes, draws the question what to do with them.
void ask_to_replace(Frame& frame);

/// Loads scene `scene` (counted from 0, clamped to the existing ones) as it was saved, and then shows its first place.
/// Does nothing without a lecture.
void go_to_scene(Frame& frame, int scene);

/// Go to the next or to the previous place, of the same scene or of its neighbor; do nothing at the ends of the
/// lecture. Only going forward is animated.
void go_forward(Frame& frame);
void go_back(Frame& frame);

/// Shows the current place again as it was saved.
void restore_place(Frame& frame);

/// Answers the open question with `reply`, the text of a choice or a number, and shows the right answer. Does nothing
/// if no question is open.
void answer_question(Frame& frame, std::string reply);

/// Returns the question that is open or whose answer is shown; null if there is none.
const SceneQuestion* current_question(const LectureView& view);

/// Returns the current place.
ScenePlace current_place(const LectureView& view);

/// Returns the choices of the question at `place` as texts, with live values after the step.
std::vector<std::string> choices_of(const LectureView& view, const SceneQuestion& question, const ScenePlace& place);

/// Returns what is added to the text of the scene at `place` for its question: the question and its choices, or the
/// answer after the audience has answered with `reply`; empty without a question.
std::string question_text(const LectureView& view, const ScenePlace& place, const std::optional<std::string>& reply);

/// Returns the question that is open at `place` of the current scene, or whose answer is shown there; null if there is
/// none.
const SceneQuestion* question_at(const LectureView& view, const ScenePlace& place);

/// Inserts the current view as a new scene after the current one. Starts a new lecture if none is open.
void capture_scene(Frame& frame);

/// Returns a job that opens an automatically saved lecture, which may be larger than others, without showing a scene.
/// It counts as changed and has no file.
LoadJob restore_lecture_job(std::filesystem::path path);

/// Saves the lecture on the writer thread: to its file or, for a new lecture and for one that comes with Convlens, to
/// an unused name in the current folder (lecture.json, lecture-2.json, ...). A bundle of a lecture whose file is none
/// gets an unused name beside that. Does nothing without a lecture.
void save_lecture(Frame& frame, LectureFile kind = LectureFile::as_opened);

/// Starts or ends lecture mode: full screen, with only the central panel and the caption. If no lecture is open,
/// starting opens the one that comes with Convlens. After a file could not be opened, says so instead: only the next
/// call starts, because it shows another lecture than the user wanted to.
void present(Frame& frame);

/// The lecture tool's entry in the table of tools, and the overlay with the list of scenes.
extern const Tool lecture_tool;
extern const Overlay scenes_overlay;

/// Draws the texts, the question and the second view of the scene, and buttons while the mouse is near the lower edge
/// of the window; see Tool::stage.
std::optional<Area> draw_stage(Frame& frame);

/// The input of the network as an image, for the second view of a scene; answers SecondWanted.
struct SecondShown {
    std::shared_ptr<const Image> image;
};

/// Request to the worker for the second view.
struct SecondWanted {
    int side = 0;  ///< Pixels per side at most.
    friend bool operator==(const SecondWanted&, const SecondWanted&) = default;
};

/// Returns the current scene; null if there is none.
const Scene* current_scene(const LectureView& view);

/// Draws the list of scenes as an overlay.
void scenes_panel(Frame& frame);

/// If the spotlight is on, darkens everything outside of a disc around the pointer.
void spotlight(Frame& frame);

/// Keeps the lecture as it is for undo_lecture(), and counts a change. Call it before each change by the user.
void before_change(LectureView& view);

/// Takes back the last change of the lecture, or with `redo` the last undo_lecture(). Does nothing without one.
void undo_lecture(LectureView& view, bool redo);

inline constexpr std::size_t lecture_steps = 100;  ///< Number of changes of a lecture that can be undone.

/// Returns the folder to which paths in scenes are relative: folder_of_lecture() of the lecture's file, or the current
/// folder for a lecture without a file.
std::filesystem::path lecture_folder(const LectureView& view);

}  // namespace convlens
