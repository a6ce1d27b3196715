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

/// A view with a tab, in the middle of the window or in the panel on the right. No title means no view.
struct Panel {
    const char* title = nullptr;
    const char* meaning = nullptr;  ///< One sentence for the tooltip.
    void (*draw)(Frame&) = nullptr;
};

/// A window above all others, open while View::overlay points to it. Only one is open at a time; Esc or a click beside
/// it closes it.
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

/// What a tool's job may use. Everything belongs to the worker thread.
struct JobContext {
    const Output& output;       ///< Output of the document.
    const RenderResult& shown;  ///< The result so far: everything except `answers` and `backend`.
    EitherBackend& backend;     ///< The backend that made the output.
    const Cancel& cancel;
};

/// Computes a tool's answer to its request. Called and destroyed on the worker thread; may cache its last result. If it
/// fails, with an error message or with Error::canceled, nothing new is shown.
using ToolJob = std::function<Expected<Value>(const Value& want, const JobContext&)>;

/// Esc was pressed: goes back one level.
struct Back {};

/// An arrow key was pressed while the tool is in the middle.
struct Arrow {
    int dx = 0, dy = 0;
};

/// Files were dropped on the window.
struct FilesDropped {
    const std::vector<std::string>& paths;
};

/// The last request cannot be shown, so that unanswered requests stay unanswered. A tool may extend the message; a tool
/// that returns true hides the event from the others.
struct RenderFailed {
    std::string& sentence;
};

using Event = std::variant<Back, Arrow, FilesDropped, RenderFailed>;

/// Unused functions are null. All functions run on the main thread, except `job` and `open`.
struct Tool {
    const char* id;          ///< [a-z_]; used in the UI map and in scene files.
    Panel middle{}, side{};  ///< A tool has one of them, both or none.
    bool keeps_side = true;  ///< The panel on the right stays visible beside `middle`.
    std::span<const Action> actions{};

    /// Request to the worker for this frame, a value with ==; an empty value requests nothing. A type without == would
    /// be requested again in every frame. The answer is found by its type: RenderResult::answer().
    Value (*want)(const Frame&) = nullptr;
    ToolJob (*job)(const BackendChoice&) = nullptr;

    /// Called in every frame before drawing: takes answers and results of the tool's own threads.
    void (*poll)(Frame&) = nullptr;
    /// Whether the tool has work in progress, so that the main loop must not sleep.
    bool (*busy)(States&) = nullptr;
    /// Returns true if the event was handled. Back and Arrow are sent only to the tool in the middle; other events
    /// first to the tool in the middle, then to all tools in the order of the table.
    bool (*handle)(Frame&, const Event&) = nullptr;
    /// Makes the document to show from the document that is edited; RenderRequest contains both.
    Document (*document)(States&, const Document&) = nullptr;

    /// Draws over everything in every frame.
    void (*over)(Frame&) = nullptr;
    Strip strip{};

    /// Save and restore the tool's part of a scene; a scene without one passes an empty part.
    ScenePart (*scene_part)(States&) = nullptr;
    void (*show_part)(States&, const ScenePart&) = nullptr;
    /// Opens a JSON file of kind `kind`, for example "lecture". Returns nullopt if the kind belongs to another tool.
    /// Runs on a worker thread.
    std::optional<Expected<Done>> (*open)(std::string_view kind, const std::filesystem::path&) = nullptr;

    /// Writes the states that tests assert on to the UI map.
    void (*report)(Frame&) = nullptr;
};

/// All tools, in the order of their tabs.
std::span<const Tool* const> tools();

/// Shows the tool in the middle, or the grid if the tool is already there.
void toggle_tool(Frame& frame, const Tool& tool);

/// The tool with this id; null if there is none.
const Tool* find_tool(std::string_view id);

}  // namespace convlens
