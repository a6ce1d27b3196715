/// Interface of a tool: a row of the table in tools.cpp.
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

/// A view with a tab, in the central panel or in the panel on the right. Without a title, the tool has no such view.
struct Panel {
    const char* title = nullptr;
    const char* tooltip_text = nullptr;  ///< One sentence for the tooltip.
    void (*draw)(Frame&) = nullptr;
};

/// A window above all others. It is open while View::overlay points to this struct. Only one is open at a time; Esc or
/// a click beside it closes it.
struct Overlay {
    void (*draw)(Frame&);
    bool keyboard = false;  ///< The arrow keys and Space navigate between controls.
    bool letters = false;   ///< The overlay accepts typed characters.
};

/// A strip along the lower edge in lecture mode.
struct Strip {
    float (*height)(Frame&) = nullptr;  ///< Height in pixels; 0 hides the strip.
    void (*draw)(Frame&) = nullptr;
};

/// What a tool's job may use. All members belong to the worker thread.
struct JobContext {
    const Output& output;       ///< Output of the document.
    const RenderResult& shown;  ///< The result so far: everything except `answers` and `backend`.
    EitherBackend& backend;     ///< The backend that made the output.
    const Cancel& cancel;
};

/// Computes a tool's answer to its request. Called and destroyed on the worker thread; may cache its last result. If
/// the job fails (also with Error::canceled), the picture on screen does not change.
using ToolJob = std::function<Expected<Value>(const Value& want, const JobContext&)>;

/// Esc was pressed: the tool goes back one level.
struct Back {};

/// An arrow key was pressed while the tool is in the central panel.
struct Arrow {
    int dx = 0, dy = 0;
};

/// Files were dropped on the window.
struct FilesDropped {
    const std::vector<std::string>& paths;
};

/// The last RenderRequest failed, so the requests of the tools stay unanswered. A tool may extend the message.
struct RenderFailed {
    std::string& sentence;
};

using Event = std::variant<Back, Arrow, FilesDropped, RenderFailed>;

/// One tool: its views and functions. Unused functions are null. All functions run on the main thread, except `job` and
/// `open`.
struct Tool {
    const char* id;          ///< [a-z_]; used in the UI map and in scene files.
    Panel middle{}, side{};  ///< The tool's view in the central panel and in the panel on the right. A tool may have
                             ///< one, both or none.
    bool keeps_side = true;  ///< The panel on the right stays visible while the tool is in the central panel.
    std::span<const Action> actions{};

    /// Returns the tool's request to the worker for this frame; an empty Value requests nothing. The type of the
    /// request needs ==, otherwise it would be requested again in every frame. RenderResult::answer() returns the
    /// answer by its type.
    Value (*want)(const Frame&) = nullptr;
    ToolJob (*job)(const BackendChoice&) = nullptr;

    /// Called in every frame before drawing. Takes the worker's answers and the results of the tool's own threads.
    void (*poll)(Frame&) = nullptr;
    /// Returns true if the tool has work in progress, so that the main loop must not sleep.
    bool (*busy)(States&) = nullptr;
    /// Handles an event and returns true, or returns false if it does not handle the event. Back and Arrow go only to
    /// the tool in the central panel. Any other event goes first to that tool, then to the remaining tools in the order
    /// of tools(), until one of them returns true.
    bool (*handle)(Frame&, const Event&) = nullptr;
    /// Returns the document to show for the document that the user edits. RenderRequest contains both.
    Document (*document)(States&, const Document&) = nullptr;

    /// Draws over everything in every frame.
    void (*over)(Frame&) = nullptr;
    Strip strip{};

    /// Save and restore the tool's part of a scene. If the scene has no part for the tool, an empty part is restored.
    ScenePart (*scene_part)(States&) = nullptr;
    void (*show_part)(States&, const ScenePart&) = nullptr;
    /// Opens a JSON file of kind `kind`, for example "lecture". Returns nullopt if the kind belongs to another tool.
    /// Runs on a worker thread.
    std::optional<Expected<Done>> (*open)(std::string_view kind, const std::filesystem::path&) = nullptr;

    /// Writes the tool's states that tests check to the UI map.
    void (*report)(Frame&) = nullptr;
};

/// Returns all tools, in the order of their tabs.
std::span<const Tool* const> tools();

/// Shows `tool` in the central panel, or the grid if `tool` is already there.
void toggle_tool(Frame& frame, const Tool& tool);

/// Returns the tool with this id; null if there is none.
const Tool* find_tool(std::string_view id);

}  // namespace convlens
