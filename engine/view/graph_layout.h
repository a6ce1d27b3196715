/// Places the layers of a network and routes the edges between them, for a drawing from top to bottom.
#pragma once

#include <array>
#include <vector>

namespace convlens {

/// Sizes of the drawing. A layer in column c and rank r is a box whose top left corner is (c, r).
inline constexpr float graph_box_width = 0.8F, graph_box_height = 0.6F;

/// Maximum number of edges of a drawing.
inline constexpr std::size_t max_graph_edges = 20'000;

/// The place of a layer.
struct GraphPlace {
    int rank = 0;    ///< Number of layers on the longest path from the network's input, which has rank 0.
    int column = 0;  ///< From the left.
    friend bool operator==(const GraphPlace&, const GraphPlace&) = default;
};

/// An edge: lines from a point below a box to the top of another one, horizontal or vertical.
struct GraphEdge {
    int from = 0, to = 0;                      ///< Indices in GraphLayout::places.
    std::vector<std::array<float, 2>> points;  ///< x and y.
};

/// Where everything is.
struct GraphLayout {
    std::vector<GraphPlace> places;  ///< Entry 0 is the network's input, entry i + 1 is layer i.
    std::vector<GraphEdge> edges;    ///< Sorted by the rank of their start.
    float width = 0, height = 0;
    bool all_edges = true;  ///< False if there are more than max_graph_edges, so that some are left out.
};

/// Returns the layout of a network. inputs[i] has the layers that layer i reads, all of them before it, or -1 for the
/// network's input; none of the lists is empty.
///
/// A layer is one rank below the lowest layer that it reads, in the column of one that it reads if that is free. An
/// edge to a lower rank goes straight down if nothing is in its way, otherwise through a lane at the right of the boxes
/// that it passes; all such edges of a layer share one lane.
GraphLayout layout_graph(const std::vector<std::vector<int>>& inputs);

}  // namespace convlens
