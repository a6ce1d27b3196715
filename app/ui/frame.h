/// Data that all panels share: the draft (the document that they edit), the view, the picture on screen, and requests
/// to the main loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/color_vision.h"
#include "app/ui/load.h"
#include "app/ui/render_result.h"
#include "app/ui/screen_text.h"
#include "app/ui/ui_map.h"
#include "app/ui/values.h"
#include "app/ui/widgets/texture_cache.h"
#include "engine/document/plan.h"
#include "engine/nn/layer_numbers.h"
#include "engine/open/open_network.h"

namespace convlens {

struct BackendChoice;
struct Overlay;
struct Settings;
struct Tool;

// Tools that other tools refer to: the grid of all channels, to which Esc returns; the strip of all kernels; the
// microscope, which shows the terms of a value.
extern const Tool grid_tool, kernels_tool, microscope_tool;

/// The layers of the draft, for the layer cards. It also exists for a network that can't run.
struct Chain {
    NetworkPlan plan;
    NetworkNumbers numbers;  ///< Shapes and costs of the layers, for the input of the picture on screen.
    std::string error;       ///< Why the selected layer cannot be shown; empty if it can be shown.

    /// Returns the output shape of layer `index`, or of the last layer with a shape if layer `index` has none; 1x1x1x1
    /// if no layer has one.
    Shape output_of(std::size_t index) const {
        if (numbers.layers.empty()) return {1, 1, 1, 1};
        return numbers.layers[index < numbers.layers.size() ? index : numbers.layers.size() - 1].output;
    }
};

/// State of the window that belongs neither to the document nor to a tool. Undo does not change it.
struct View {
    const Tool* tool = &grid_tool;       ///< The tool in the central panel.
    const Tool* side = &kernels_tool;    ///< The tool in the panel on the right.
    const Overlay* overlay = nullptr;    ///< The open overlay; null if there is none.
    GridView grid;                       ///< Zoom and position of the grid.
    std::optional<PixelPosition> pin;    ///< The pinned value, which stays explained while the mouse is elsewhere.
    std::optional<int> selected;         ///< The selected channel, highlighted in the grid and in the kernel strip.
    std::optional<PixelPosition> hover;  ///< The value under the mouse or under the keyboard cursor.
    /// Whether the arrow keys have set `hover`; the mouse sets it again when it moves over the grid.
    bool by_keys = false;
    bool panels = true;                       ///< Whether the panels on the left and right are visible.
    bool presenting = false;                  ///< Lecture mode: only the central panel is visible.
    bool light = false;                       ///< Whether the theme is light.
    ColorVision vision = ColorVision::usual;  ///< What the colors of the window are shown for.
    float ui_scale = 1.0F;                    ///< Scale of text and controls, 1..3.
    BackendUse use = BackendUse::automatic;   ///< The selected backend.

    /// Returns the position at which the values of all channels are shown: the hovered one, otherwise the pinned one.
    std::optional<PixelPosition> pointed() const { return hover ? hover : pin; }
    /// Returns the position of the value whose terms are shown: the pinned one, otherwise the hovered one.
    std::optional<PixelPosition> explained() const { return pin ? pin : hover; }
};

/// What a job on the thread that writes files saves. The message of a failure stays until the same is saved.
enum class Saves {
    nothing,  ///< Nothing that the user has made.
    session,
    lecture,
    file,  ///< Another file.
};

/// A job for the thread that writes files.
struct WriteRequest {
    Saves what = Saves::nothing;
    std::shared_ptr<const LoadJob> job;
};

/// What a panel asks of the main loop, which fulfills the requests in the same frame.
struct Requests {
    std::vector<OpenRequest> open;          ///< Opens these one after the other.
    std::vector<WriteRequest> write;        ///< Runs these jobs one after the other.
    std::string copy;                       ///< Copies this text to the clipboard.
    std::optional<ScreenText> screen_text;  ///< Takes the text on the screen, without menus.
    int undo = 0, redo = 0;                 ///< Number of undo or redo steps to take.
    bool step = false;                      ///< Makes the change of the draft a separate undo step.
    bool redraw = false;                    ///< Draws several more frames, because something is animated.
    double wake_after = 1e9;                ///< Draws a frame after at most this many seconds, even if nothing happens.
    bool clear_error = false;               ///< Clears Status::error.
    bool measure = false;                   ///< Measures the speed of both backends.
    bool quit = false;                      ///< Closes the window, after what is still to be saved or asked.
    bool stay = false;                      ///< Keeps the window open although it was to close.
    bool close_now = false;                 ///< Closes the window at once.
    std::optional<bool> fullscreen;         ///< Enters (true) or leaves (false) full screen.
    std::string error;                      ///< Error message, displayed until the document changes.
    std::string note;                       ///< Message for the status bar: "saved cat-grid.png".
};

/// Whether the window is to close.
enum class Closing {
    no,
    asked,   ///< The user has closed it.
    signal,  ///< A signal ends the program: it must not wait for an answer of the user.
};

/// Status of the window, for the panels to read.
struct Status {
    bool busy = false;        ///< Whether the picture on screen is older than the document.
    double busy_seconds = 0;  ///< Time since `busy` became true; 0 if it is false.
    float progress = 0;       ///< Completed fraction of the evaluation, 0..1.
    bool fullscreen = false;
    bool loading = false;  ///< Whether a file is being opened.
    bool writing = false;  ///< Whether a file is being encoded or written, or waits to be.
    Closing closing = Closing::no;
    std::string error;      ///< Error message, displayed until the next success.
    std::string not_saved;  ///< Why a session, a lecture or another file could not be saved; empty if the last one was.
    /// Whether the document could not be computed, so that the last valid picture is on screen.
    bool outdated = false;
    std::string note;
    std::size_t undo_depth = 0, redo_depth = 0;
};

/// Everything that a panel may read or change while one frame is drawn.
struct Frame {
    Document& draft;  ///< Copy of the document that panels edit; the change becomes an undo step.
    View& view;
    States& states;             ///< State of tools and panels.
    const RenderResult* shown;  ///< Null before the first picture.
    const Status& status;
    const Chain& chain;
    TextureCache& textures;
    const Assets& assets;
    Settings& settings;
    const BackendChoice& backend;
    Requests& requests;
    UiMap& map;
};

/// Resets those members of `view` that refer to channels or positions outside the output of `shown`.
void clamp_view(View& view, const RenderResult& shown);

/// Tells the user that the file at `path` has been written: in the status bar and, in the browser, by offering it as a
/// download.
void report_saved(Frame& frame, const std::string& path);

/// Runs `job`, which opens `what`, on a worker thread, after the requests before it.
inline void load(Frame& frame, Opens what, LoadJob job) {
    frame.requests.open.push_back({what, [job = std::move(job)](const Document&) { return job; }});
}

/// Runs `job`, which saves `what`, on the thread that writes files, after the jobs that were enqueued before.
inline void enqueue(Frame& frame, LoadJob job, Saves what = Saves::file) {
    frame.requests.write.push_back({what, std::make_shared<const LoadJob>(std::move(job))});
}

}  // namespace convlens
