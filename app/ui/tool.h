/// What a tool is: a row of the table in tools.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/backends.h"
#include "app/ui/actions.h"
#include "app/ui/frame.h"
#include "engine/core/cancel.h"
#include "engine/document/evaluate.h"
#include "engine/session/scene_part.h"

namespace convlens {

/// A view with a tab: in the middle of the window, or in the panel at its right. Without a title there is none.
struct Panel {
    const char* title = nullptr;
    const char* meaning = nullptr;  ///< One sentence for the tooltip.
    void (*draw)(Frame&) = nullptr;
};

/// A window over all others, open while View::overlay points at it. One at a time; it closes by Esc and by a click
/// beside it.
struct Overlay {
    void (*draw)(Frame&);
    bool keyboard = false;  ///< Arrow keys and Space go from control to control.
    bool letters = false;   ///< Letters are typed into it.
};

/// A strip along the lower edge while the window presents.
struct Strip {
    float (*height)(Frame&) = nullptr;  ///< In pixels; 0 for none at the moment.
    void (*draw)(Frame&) = nullptr;
};

/// What a tool's part of the worker's job may use. All of it belongs to the worker's thread.
struct JobContext {
    const Output& output;       ///< Of the document.
    const RenderResult& shown;  ///< As far as it is made: all but `answers` and `backend`.
    EitherBackend& backend;     ///< That made the output.
    const Cancel& cancel;
};

/// Makes a tool's answer of what it wants. Called on the worker's thread, where it is destroyed too; may remember what
/// it made last. Fails in a sentence, or with Error::canceled: nothing new is shown then.
using ToolJob = std::function<Expected<Value>(const Value& want, const JobContext&)>;

/// Esc: one level back.
struct Back {};

/// An arrow key, while the tool fills the middle.
struct Arrow {
    int dx = 0, dy = 0;
};

/// Files were dropped on the window.
struct FilesDropped {
    const std::vector<std::string>& paths;
};

/// What was wanted last can't be shown: what is not answered yet will not be. A tool may add to the sentence; one that
/// returns true keeps it from the others.
struct RenderFailed {
    std::string& sentence;
};

using Event = std::variant<Back, Arrow, FilesDropped, RenderFailed>;

/// Functions that a tool has no use for are null. All run on the main thread, but for `job` and `open`.
struct Tool {
    const char* id;          ///< [a-z_]: in the UI map, in a scene's file.
    Panel middle{}, side{};  ///< A tool has either, both or none.
    bool keeps_side = true;  ///< The panel at the right stays beside `middle`.
    std::span<const Action> actions{};

    /// What it wants of the worker for this frame, a value with ==; none for nothing. A type without == would be asked
    /// for again in each frame. The answer is found by its type: RenderResult::answer().
    Value (*want)(const Frame&) = nullptr;
    ToolJob (*job)(const BackendChoice&) = nullptr;

    /// Called in each frame before anything is drawn: takes answers and what threads of its own have done.
    void (*poll)(Frame&) = nullptr;
    /// Whether something of it is under way, so that the main loop must not sleep.
    bool (*busy)(States&) = nullptr;
    /// True when the event was for this tool. Back and Arrow come to the tool in the middle only; of the others the
    /// tool in the middle is asked first, then all in the order of the table.
    bool (*handle)(Frame&, const Event&) = nullptr;
    /// The document to be shown, made of the one that is edited: RenderRequest has both.
    Document (*document)(States&, const Document&) = nullptr;

    /// Draws over everything, in each frame.
    void (*over)(Frame&) = nullptr;
    Strip strip{};

    /// What a scene keeps of it, and back; a scene without it gives an empty part.
    ScenePart (*scene_part)(States&) = nullptr;
    void (*show_part)(States&, const ScenePart&) = nullptr;
    /// Opens a JSON file that says it is of `kind`: "lecture". None when that is not this tool's. Runs on a worker's
    /// thread.
    std::optional<Expected<Done>> (*open)(std::string_view kind, const std::filesystem::path&) = nullptr;

    /// Writes into the UI map what a test asserts on.
    void (*report)(Frame&) = nullptr;
};

/// All tools, in the order of their tabs.
std::span<const Tool* const> tools();

/// Shows the tool in the middle, or the grid again.
void toggle_tool(Frame& frame, const Tool& tool);

/// The tool of that name; null for none.
const Tool* find_tool(std::string_view id);

}  // namespace convlens
