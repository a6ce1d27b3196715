/// Places the layers of a network in ranks and columns and routes its edges.
#include "engine/view/graph_layout.h"

#include <algorithm>
#include <bitset>
#include <numeric>

namespace convlens {
namespace {

constexpr int lanes_per_column = 16, max_lanes = 512;
using Lanes = std::bitset<max_lanes>;

/// Heights below the boxes of a rank at which edges leave them and enter those of the next rank.
constexpr float leave = graph_box_height + 0.26F, enter = graph_box_height + 0.34F;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

/// Returns the layers of each rank, and sets GraphPlace::rank.
std::vector<std::vector<int>> find_ranks(const std::vector<std::vector<int>>& inputs, std::vector<GraphPlace>& places) {
    std::vector<std::vector<int>> ranks{{0}};
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        int rank = 0;
        for (const int from : inputs[i]) rank = std::max(rank, places[at(from + 1)].rank + 1);
        places[i + 1].rank = rank;
        if (ranks.size() <= at(rank)) ranks.resize(at(rank) + 1);
        ranks[at(rank)].push_back(static_cast<int>(i) + 1);
    }
    return ranks;
}

/// Sets GraphPlace::column, rank by rank. A layer prefers the leftmost column among the layers that it reads.
void find_columns(const std::vector<std::vector<int>>& inputs, std::vector<std::vector<int>>& ranks,
                  std::vector<GraphPlace>& places) {
    const auto preferred = [&](int box) {
        const auto& read = inputs[at(box - 1)];
        return std::accumulate(read.begin(), read.end(), places[at(read.front() + 1)].column,
                               [&](int column, int from) { return std::min(column, places[at(from + 1)].column); });
    };
    for (std::size_t rank = 1; rank < ranks.size(); ++rank) {
        auto& boxes = ranks[rank];
        std::vector<std::pair<int, int>> wishes;
        for (const int box : boxes) wishes.emplace_back(preferred(box), box);
        std::ranges::sort(wishes);
        int free = 0;
        for (const auto& [column, box] : wishes) {
            places[at(box)].column = std::max(column, free);
            free = places[at(box)].column + 1;
        }
        std::ranges::sort(boxes, {}, [&](int box) { return places[at(box)].column; });
    }
}

/// Finds lanes for edges that pass boxes.
class Router {
  public:
    Router(const std::vector<std::vector<int>>& ranks, const std::vector<GraphPlace>& places)
        : ranks_(ranks), places_(places), used_(ranks.size()) {}

    /// Returns whether no box is in this column between two ranks.
    bool is_free(int column, int from_rank, int to_rank) const {
        for (int r = from_rank + 1; r < to_rank; ++r)
            if (std::ranges::any_of(ranks_[at(r)], [&](int box) { return places_[at(box)].column == column; }))
                return false;
        return true;
    }

    /// Returns the x of a lane at the right of the boxes between two ranks, which no other edge gets from now on.
    float lane(int from_rank, int to_rank) {
        Lanes used;
        int column = 0;
        for (int r = from_rank; r < to_rank; ++r) {
            used |= used_[at(r)];
            if (r > from_rank && !ranks_[at(r)].empty())
                column = std::max(column, places_[at(ranks_[at(r)].back())].column);
        }
        int lane = std::min(column * lanes_per_column, max_lanes - 1);
        while (lane < max_lanes - 1 && used[at(lane)]) ++lane;
        for (int r = from_rank; r < to_rank; ++r) used_[at(r)].set(at(lane));
        return static_cast<float>(column) + graph_box_width + 0.05F +
               static_cast<float>(lane - column * lanes_per_column) / lanes_per_column;
    }

  private:
    const std::vector<std::vector<int>>& ranks_;
    const std::vector<GraphPlace>& places_;
    std::vector<Lanes> used_;  ///< The lanes that pass below the boxes of each rank.
};

/// Returns the edges of box `from` to the boxes `to`.
void route(int from, const std::vector<int>& to, const std::vector<GraphPlace>& places, Router& router,
           std::vector<GraphEdge>& edges) {
    const GraphPlace& start = places[at(from)];
    const auto middle = [&](const GraphPlace& p) { return static_cast<float>(p.column) + graph_box_width / 2; };
    const float x = middle(start), below = static_cast<float>(start.rank);
    int lowest = -1;  // the rank that the lane reaches
    for (const int t : to)
        if (const int rank = places[at(t)].rank; !router.is_free(start.column, start.rank, rank))
            lowest = std::max(lowest, rank);
    const float lane = lowest < 0 ? 0 : router.lane(start.rank, lowest);
    for (const int t : to) {
        const GraphPlace& end = places[at(t)];
        const float top = static_cast<float>(end.rank), end_x = middle(end);
        GraphEdge edge{from, t, {{x, below + graph_box_height}}};
        if (!router.is_free(start.column, start.rank, end.rank)) {
            edge.points.push_back({x, below + leave});
            edge.points.push_back({lane, below + leave});
            edge.points.push_back({lane, top - 1 + enter});
            edge.points.push_back({end_x, top - 1 + enter});
        } else if (start.column != end.column) {
            edge.points.push_back({x, top - 1 + enter});
            edge.points.push_back({end_x, top - 1 + enter});
        }
        edge.points.push_back({end_x, top});
        edges.push_back(std::move(edge));
    }
}

}  // namespace

GraphLayout layout_graph(const std::vector<std::vector<int>>& inputs) {
    GraphLayout layout;
    layout.places.resize(inputs.size() + 1);
    auto ranks = find_ranks(inputs, layout.places);
    find_columns(inputs, ranks, layout.places);
    std::vector<std::vector<int>> readers(layout.places.size());
    std::size_t count = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i)
        for (const int from : inputs[i]) {
            auto& r = readers[at(from + 1)];
            if (!r.empty() && r.back() == static_cast<int>(i) + 1) continue;  // it reads that layer twice
            layout.all_edges = ++count <= max_graph_edges;
            if (!layout.all_edges) break;
            r.push_back(static_cast<int>(i) + 1);
        }
    // Layers with short lanes first: theirs are next to the boxes, longer ones around them.
    std::vector<int> order(layout.places.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, [&](int box) {
        int length = 0;
        for (const int t : readers[at(box)])
            length = std::max(length, layout.places[at(t)].rank - layout.places[at(box)].rank);
        return length;
    });
    Router router(ranks, layout.places);
    for (const int box : order) route(box, readers[at(box)], layout.places, router, layout.edges);
    std::ranges::stable_sort(layout.edges, {}, [&](const GraphEdge& e) { return layout.places[at(e.from)].rank; });
    for (const GraphPlace& p : layout.places)
        layout.width = std::max(layout.width, static_cast<float>(p.column) + graph_box_width);
    for (const GraphEdge& e : layout.edges)
        for (const auto& point : e.points) layout.width = std::max(layout.width, point[0]);
    layout.height = static_cast<float>(ranks.size()) - 1 + graph_box_height;
    return layout;
}

}  // namespace convlens
