/// The interface of a tool: one feature of the window, such as the microscope, and a row of the table in tools.cpp.
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
#include "engine/session/scene_page.h"
#include "engine/session/scene_part.h"

namespace convlens {

/// A view with a tab, in the central panel or in the panel on the right. Without a title, the tool has no view there.
struct Panel {
    const char* title = nullptr;         ///< Title of the tab.
    const char* tooltip_text = nullptr;  ///< Tooltip of the tab: one sentence.
    void (*draw)(Frame&) = nullptr;
};

/// A window above all others. It is open while View::overlay points to this struct. Only one is open at a time; Esc or
/// a click beside it closes it.
struct Overlay {
    void (*draw)(Frame&);
    bool keyboard = false;  ///< The arrow keys and Space navigate between controls.
    bool letters = false;   ///< The overlay accepts typed characters.
};

/// What a tool's job may use. All members belong to the worker thread.
struct JobContext {
    const Output& output;       ///< Output of the document.
    const RenderResult& shown;  ///< The result so far: `answers`, `backend` and `gl_failure` are not set yet.
    EitherBackend& backend;     ///< The backend that made the output.
    const Cancel& cancel;
};

/// Computes a tool's answer to its request `want`. Called and destroyed on the worker thread; may cache its last
/// result. If it fails, also if canceled, the picture on screen does not change.
using ToolJob = std::function<Expected<Value>(const Value& want, const JobContext&)>;

/// Event: Esc was pressed, so the tool goes back one level.
struct Back {};

/// Event: an arrow key was pressed while the tool is in the central panel.
struct Arrow {
    int dx = 0, dy = 0;  ///< Direction: -1, 0 or 1; positive is right and down.
};

/// Event: files were dropped on the window.
struct FilesDropped {
    const std::vector<std::string>& paths;
};

/// Event: the last RenderRequest failed, so the requests of the tools stay unanswered. A tool may extend the error
/// message `sentence`.
struct RenderFailed {
    std::string& sentence;
};

/// An event that Tool::handle receives.
using Event = std::variant<Back, Arrow, FilesDropped, RenderFailed>;

/// One tool: its views and functions. Functions that a tool does not need are null. All functions run on the main
/// thread, except `job` and `open`.
struct Tool {
    const char* id;          ///< Lower-case letters and underscores; names the tool in the UI map and in scene files.
    Panel middle{}, side{};  ///< The tool's view in the central panel and in the panel on the right. A tool may have
                             ///< one, both or none.
    bool keeps_side = true;  ///< The panel on the right stays visible while the tool is in the central panel.
    std::span<const Action> actions{};  ///< The tool's actions, which are added to the table of all actions.

    /// Returns the tool's request to the worker for this frame; an empty Value requests nothing. The type of the
    /// request needs ==; without it, every frame would send a new request. RenderResult::answer() returns the answer by
    /// its type.
    Value (*want)(const Frame&) = nullptr;
    /// Makes the tool's job. Called once, on the worker thread.
    ToolJob (*job)(const BackendChoice&) = nullptr;

    /// Called in every frame before drawing. Takes the worker's answers and the results of the tool's own threads.
    void (*poll)(Frame&) = nullptr;
    /// Returns true if the tool's own threads are working, so that the main loop does not sleep for long.
    bool (*busy)(States&) = nullptr;
    /// Returns true while the tool prepares a file that the user asked for. The window does not close before the file
    /// is written.
    bool (*saving)(States&) = nullptr;
    /// Called when the window closes, unless an exception ends the program.
    void (*closed)(States&, Closing) = nullptr;
    /// Handles an event and returns true, or returns false if it does not handle the event. Back and Arrow go only to
    /// the tool in the central panel. Any other event goes first to that tool, then to the remaining tools in the order
    /// of tools(), until one of them returns true.
    bool (*handle)(Frame&, const Event&) = nullptr;
    /// Receives the document that the user edits and returns the document to show, for example with the weights of a
    /// training lesson. RenderRequest contains both.
    Document (*document)(States&, const Document&) = nullptr;

    /// Draws over everything else in every frame.
    void (*over)(Frame&) = nullptr;
    /// Draws the screen around the central panel in lecture mode and returns the place of that panel; nullopt if the
    /// tool has nothing to draw.
    std::optional<Area> (*stage)(Frame&) = nullptr;

    /// scene_part() returns the tool's part of a scene (a step of a lecture), and show_part() restores it. If the scene
    /// has no part for the tool, show_part() receives an empty part.
    ScenePart (*scene_part)(States&) = nullptr;
    void (*show_part)(States&, const ScenePart&) = nullptr;
    /// Opens a JSON file of kind `kind`, for example "lecture". Returns nullopt if the tool does not open files of that
    /// kind. Runs on a worker thread.
    std::optional<Expected<Done>> (*open)(std::string_view kind, const std::filesystem::path&) = nullptr;

    /// Returns the texts that the tool has drawn as pictures, as plain text in lines; for take_screen_text().
    std::string (*words)(const Frame&) = nullptr;
    /// Writes the tool's states, which tests check, to frame.map.
    void (*report)(Frame&) = nullptr;
};

/// Returns all tools, in the order of their tabs.
std::span<const Tool* const> tools();

/// Shows `tool` in the central panel. If it is already there, shows the grid.
void toggle_tool(Frame& frame, const Tool& tool);

/// Returns the tool with this id; null if there is none.
const Tool* find_tool(std::string_view id);

}  // namespace convlens
