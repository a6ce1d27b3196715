/// What all panels share: the draft, the view, the picture on screen, and what they may ask of the main loop.
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

// The tools that the others know: where Esc ends, what marks channels, what explains the value at hand.
extern const Tool grid_tool, kernels_tool, microscope_tool;

/// The draft's layers, for the cards: also of a network that can't run as it stands.
struct Chain {
    NetworkPlan plan;
    NetworkNumbers numbers;  ///< For the input of the last picture.
    std::string error;       ///< Why the layer to show can't be shown; else empty.

    /// What comes out of layer `index`, or of the last one before it that runs.
    Shape output_of(std::size_t index) const {
        if (numbers.layers.empty()) return {1, 1, 1, 1};
        return numbers.layers[index < numbers.layers.size() ? index : numbers.layers.size() - 1].output;
    }
};

/// What the window shows beside the document and is no tool's own; not undoable.
struct View {
    const Tool* tool = &grid_tool;     ///< What fills the middle.
    const Tool* side = &kernels_tool;  ///< What the panel at the right shows.
    const Overlay* overlay = nullptr;  ///< What is open over all.
    GridView grid;
    std::optional<PixelPosition> pin;    ///< The value that is explained even when the mouse is elsewhere.
    std::optional<int> marked;           ///< A channel that grid and kernel strip both mark.
    std::optional<PixelPosition> hover;  ///< Under the mouse, or under the arrow keys' cursor.
    bool by_keys = false;                ///< The arrow keys hold `hover` until the mouse moves over the grid.
    bool panels = true;
    bool presenting = false;  ///< The tool alone, for an audience.
    bool light = false;
    float ui_scale = 1.0F;
    BackendUse use = BackendUse::automatic;

    /// The value whose channels are compared and which is explained: under the mouse first, or the one kept first.
    std::optional<PixelPosition> pointed() const { return hover ? hover : pin; }
    std::optional<PixelPosition> explained() const { return pin ? pin : hover; }
};

/// What a panel asks of the main loop.
struct Requests {
    std::vector<std::string> images;                    ///< Open these specs as the input.
    std::shared_ptr<const LoadJob> load;                ///< Open something else; the newest wins.
    std::vector<std::shared_ptr<const LoadJob>> write;  ///< Do these one after the other.
    std::string copy;                                   ///< Put this text on the clipboard.
    int undo = 0, redo = 0;                             ///< Steps.
    bool step = false;                                  ///< What was done to the draft is an undo step of its own.
    bool redraw = false;                                ///< Something moves: draw again soon.
    double wake_after = 1e9;                            ///< Draw again after so many seconds at the latest.
    bool clear_error = false;                           ///< The sentence in Status::error is out of date.
    bool measure = false;                               ///< Measure both back ends.
    bool quit = false;
    std::optional<bool> fullscreen;
    std::string error;  ///< A sentence about what can't be had; it stays until the document changes.
    std::string note;   ///< News for the status bar: "saved cat-grid.png".
};

/// State of the moment, to be read by the panels.
struct Status {
    bool busy = false;  ///< The picture on screen is older than the document.
    double busy_seconds = 0;
    float progress = 0;
    bool fullscreen = false;
    bool loading = false;
    bool writing = false;   ///< A file is being encoded and written, or waits for its turn.
    std::string error;      ///< Until the next success.
    bool outdated = false;  ///< The document could not be computed: what is on screen is the last good picture.
    std::string note;
    std::size_t undo_depth = 0, redo_depth = 0;
};

/// Everything that a panel may read or change during one frame.
struct Frame {
    Document& draft;
    View& view;
    States& states;             ///< What tools and panels keep for themselves.
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

/// Drops marks and values that the output does not have.
void clamp_view(View& view, const RenderResult& shown);

/// Has `job` done on a thread of its own; a newer one takes its turn while it waits.
inline void load(Frame& frame, LoadJob job) { frame.requests.load = std::make_shared<const LoadJob>(std::move(job)); }

/// Has `job` done on a thread of its own, after those that were asked for before.
inline void enqueue(Frame& frame, LoadJob job) {
    frame.requests.write.push_back(std::make_shared<const LoadJob>(std::move(job)));
}

}  // namespace convlens
