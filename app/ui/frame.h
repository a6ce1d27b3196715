/// Data shared by all panels: the draft, the view, the picture on screen, and requests to the main loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/ui/load.h"
#include "app/ui/render_result.h"
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

// Tools that other tools refer to: the grid, to which Esc returns; the kernel strip; the microscope, which explains a
// value.
extern const Tool grid_tool, kernels_tool, microscope_tool;

/// The layers of the draft (the edited document) for the layer cards. Also available for a network that cannot run.
struct Chain {
    NetworkPlan plan;
    NetworkNumbers numbers;  ///< Numbers for the input of the last picture.
    std::string error;       ///< Why the selected layer cannot be shown; empty if it can be shown.

    /// Returns the output shape of layer `index`, or of the last runnable layer if layer `index` cannot run.
    Shape output_of(std::size_t index) const {
        if (numbers.layers.empty()) return {1, 1, 1, 1};
        return numbers.layers[index < numbers.layers.size() ? index : numbers.layers.size() - 1].output;
    }
};

/// State of the window that belongs neither to the document nor to a tool. Undo does not affect it.
struct View {
    const Tool* tool = &grid_tool;     ///< The tool in the central panel.
    const Tool* side = &kernels_tool;  ///< The tool in the panel on the right.
    const Overlay* overlay = nullptr;  ///< The open overlay; null if there is none.
    GridView grid;
    std::optional<PixelPosition> pin;    ///< The pinned value, which stays explained while the mouse is elsewhere.
    std::optional<int> selected;         ///< The selected channel, highlighted in the grid and in the kernel strip.
    std::optional<PixelPosition> hover;  ///< Value under the mouse or under the keyboard cursor.
    bool by_keys = false;                ///< The keyboard cursor holds `hover` until the mouse moves over the grid.
    bool panels = true;
    bool presenting = false;  ///< Lecture mode: only the central panel is visible.
    bool light = false;
    float ui_scale = 1.0F;
    BackendUse use = BackendUse::automatic;

    /// pointed() is the value whose channels are compared: the hovered value, else the pinned one. explained() is the
    /// value that is explained: the pinned value, else the hovered one.
    std::optional<PixelPosition> pointed() const { return hover ? hover : pin; }
    std::optional<PixelPosition> explained() const { return pin ? pin : hover; }
};

/// Requests of a panel to the main loop.
struct Requests {
    std::vector<std::string> images;                    ///< Opens these specs as the input.
    std::shared_ptr<const LoadJob> load;                ///< Opens something else; the newest request wins.
    std::vector<std::shared_ptr<const LoadJob>> write;  ///< Runs these jobs one after the other.
    std::string copy;                                   ///< Copies this text to the clipboard.
    int undo = 0, redo = 0;                             ///< Number of undo or redo steps to take.
    bool step = false;                                  ///< Makes the change of the draft a separate undo step.
    bool redraw = false;                                ///< Draws the next frame soon, because something is animated.
    double wake_after = 1e9;                            ///< Draws again after at most this many seconds.
    bool clear_error = false;                           ///< Clears Status::error.
    bool measure = false;                               ///< Measures both backends.
    bool quit = false;
    std::optional<bool> fullscreen;
    std::string error;  ///< Error message, displayed until the document changes.
    std::string note;   ///< Message for the status bar: "saved cat-grid.png".
};

/// Current status, for the panels to read.
struct Status {
    bool busy = false;  ///< The picture on screen is older than the document.
    double busy_seconds = 0;
    float progress = 0;
    bool fullscreen = false;
    bool loading = false;
    bool writing = false;   ///< A file is being encoded and written, or waits to be.
    std::string error;      ///< Error message, displayed until the next success.
    bool outdated = false;  ///< The document could not be computed, so the last valid picture is on screen.
    std::string note;
    std::size_t undo_depth = 0, redo_depth = 0;
};

/// Everything that a panel may read or change during one frame.
struct Frame {
    Document& draft;
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

/// Resets members of `view` that refer to channels or positions outside the output of `shown`.
void clamp_view(View& view, const RenderResult& shown);

/// Reports that the file at `path` has been written: in the status bar and, in the browser, as a download.
void report_saved(Frame& frame, const std::string& path);

/// Runs `job` on a worker thread. Replaces a job of an earlier load() that has not started.
inline void load(Frame& frame, LoadJob job) { frame.requests.load = std::make_shared<const LoadJob>(std::move(job)); }

/// Runs `job` on the writer thread, after the jobs that were enqueued before.
inline void enqueue(Frame& frame, LoadJob job) {
    frame.requests.write.push_back(std::make_shared<const LoadJob>(std::move(job)));
}

}  // namespace convlens
