/// The drawing of the network: layers as boxes, what they read as edges.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/nn/measure_layers.h"
#include "engine/view/graph_layout.h"

namespace convlens {

/// What the bars in the boxes show.
enum class GraphBars { macs, parameters, memory, time, dead };

/// The worker's answer: what was measured of each layer.
struct MeasuredLayers {
    int number = 0;                        ///< Of the request.
    std::vector<LayerMeasurement> layers;  ///< One for each layer that runs.
};

/// State of the tool.
struct GraphView {
    // The layout of the network with these layers; made again when their inputs change.
    std::vector<std::vector<int>> inputs;
    GraphLayout layout;

    float zoom = 1;      ///< At 1, boxes are as high as their two lines of text.
    float x = 0, y = 0;  ///< The point of the layout in the middle of the view.
    bool fit = false;    ///< Whether the zoom shows the whole network, whatever the size of the view.
    int followed = -2;   ///< The layer that was last scrolled into view; -2: none.
    bool maps = true;    ///< Whether the feature maps are beside the drawing.
    GraphBars bars = GraphBars::macs;

    std::string search;         ///< What the user looks for, in the names and types of layers.
    std::vector<int> found;     ///< The layers that match.
    std::string found_for;      ///< The search that `found` belongs to.
    bool focus_search = false;  ///< Whether the search field gets the keyboard in the next frame.

    int measure = 0;             ///< Number of the last measurement that was asked for; 0: none.
    std::optional<int> hovered;  ///< The layer under the mouse.
};

/// Brings GraphView::layout and GraphView::found up to date.
void update_graph(Frame& frame);

/// Returns the measured values of layer `index`; null if they are not known.
const LayerValues* values_of(const Frame& frame, std::size_t index);

/// Returns the measurement of the network on screen; null if there is none, for example after a change.
const MeasuredLayers* measured_layers(const Frame& frame);

/// Returns what the bar of layer `index` shows, and the largest of all layers; 0 where it is not known.
double bar_value(const Frame& frame, std::size_t index);
double largest_bar(const Frame& frame);

/// Returns the value of a bar as text: "115,605,504 MACs", "0.8 MB", "3 of 64 channels dead"; empty if it is not known.
std::string bar_text(const Frame& frame, std::size_t index);

/// Makes the layer the one on screen.
void select_layer(Frame& frame, int index);

/// Selects the next layer that matches the search.
void select_next_found(Frame& frame);

/// Draws the network in an area of this size, and handles the mouse over it.
void draw_graph(Frame& frame, float width, float height);

/// Draws the tool.
void graph_panel(Frame& frame);

}  // namespace convlens
