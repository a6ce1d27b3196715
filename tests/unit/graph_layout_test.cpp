/// engine/view/graph_layout.h: ranks, columns and edges of networks.
#include "engine/view/graph_layout.h"

#include <gtest/gtest.h>

#include <chrono>
#include <set>

#include "engine/io/network_json.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

std::vector<std::vector<int>> inputs_of_file(const std::string& name) {
    const auto read = load_network(fmt::format("{}/networks/{}.json", CONVLENS_SOURCE_ASSETS, name));
    EXPECT_TRUE(read) << name;
    std::vector<std::vector<int>> inputs;
    for (int i = 0; read && i < static_cast<int>(read->layers.size()); ++i)
        inputs.push_back(inputs_of(read->layers, i));
    return inputs;
}

/// Returns the number of boxes that edge `e` crosses, apart from its ends.
int crossed_boxes(const GraphLayout& g, const GraphEdge& e) {
    int crossed = 0;
    for (std::size_t p = 1; p < e.points.size(); ++p)
        for (std::size_t i = 0; i < g.places.size(); ++i) {
            const auto x = static_cast<float>(g.places[i].column), y = static_cast<float>(g.places[i].rank);
            const auto& [x0, y0] = e.points[p - 1];
            const auto& [x1, y1] = e.points[p];
            const bool across = std::min(x0, x1) < x + graph_box_width && std::max(x0, x1) > x,
                       down = std::min(y0, y1) < y + graph_box_height && std::max(y0, y1) > y;
            crossed += across && down;
        }
    return crossed;
}

TEST(GraphLayout, OfAChainIsOneColumn) {
    const GraphLayout g = layout_graph({{-1}, {0}, {1}});
    for (int i = 0; i < 4; ++i) EXPECT_EQ(g.places[static_cast<std::size_t>(i)], (GraphPlace{i, 0}));
    ASSERT_EQ(g.edges.size(), 3U);
    EXPECT_EQ(g.edges[1].points.size(), 2U);
    EXPECT_FLOAT_EQ(g.width, graph_box_width);
    EXPECT_FLOAT_EQ(g.height, 3 + graph_box_height);
}

TEST(GraphLayout, LeadsASkipAroundTheBoxes) {
    const GraphLayout g = layout_graph({{-1}, {0}, {1}, {2, 0}});  // layer 3 adds layers 2 and 0
    EXPECT_EQ(g.places[4], (GraphPlace{4, 0}));
    ASSERT_EQ(g.edges.size(), 5U);
    const auto skip = std::ranges::find_if(g.edges, [](const GraphEdge& e) { return e.from == 1 && e.to == 4; });
    ASSERT_NE(skip, g.edges.end());
    EXPECT_EQ(skip->points.size(), 6U);
    EXPECT_GT(skip->points[2][0], graph_box_width);
    EXPECT_EQ(crossed_boxes(g, *skip), 0);
}

TEST(GraphLayout, GivesBranchesColumns) {
    const GraphLayout g = layout_graph({{-1}, {-1}, {1}, {0, 2}});
    EXPECT_EQ(g.places[1].column, 0);
    EXPECT_EQ(g.places[2].column, 1);
    EXPECT_EQ(g.places[3], (GraphPlace{2, 1}));
    EXPECT_EQ(g.places[4], (GraphPlace{3, 0}));
    for (const GraphEdge& e : g.edges) EXPECT_EQ(crossed_boxes(g, e), 0) << e.from << " to " << e.to;
}

TEST(GraphLayout, OfTorchvisionsNetworksHasNoBoxInTheWayOfAnEdge) {
    for (const char* name : {"resnet18", "resnet101", "densenet121", "googlenet", "inception_v3", "efficientnet_b0",
                             "convnext_tiny", "squeezenet1_1"}) {
        const auto inputs = inputs_of_file(name);
        const auto start = std::chrono::steady_clock::now();
        const GraphLayout g = layout_graph(inputs);
        const double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
        std::printf("%s: %zu layers, %zu edges, %.2f ms, %.1f x %.0f\n", name, inputs.size(), g.edges.size(), ms,
                    static_cast<double>(g.width), static_cast<double>(g.height));
        std::size_t edges = 0;
        for (const auto& from : inputs) edges += std::set<int>(from.begin(), from.end()).size();
        EXPECT_EQ(g.edges.size(), edges) << name;
        std::set<std::pair<int, int>> places;
        for (const GraphPlace& p : g.places) EXPECT_TRUE(places.emplace(p.rank, p.column).second) << name;
        for (const GraphEdge& e : g.edges) {
            EXPECT_LT(g.places[static_cast<std::size_t>(e.from)].rank, g.places[static_cast<std::size_t>(e.to)].rank);
            EXPECT_EQ(crossed_boxes(g, e), 0) << name << ": " << e.from << " to " << e.to;
        }
    }
}

TEST(GraphLayout, OfAHostileNetworkLeavesOutEdges) {
    std::vector<std::vector<int>> inputs(1000);
    for (int i = 0; i < 1000; ++i)
        for (int from = -1; from < i; ++from) inputs[static_cast<std::size_t>(i)].push_back(from);
    const GraphLayout g = layout_graph(inputs);
    EXPECT_FALSE(g.all_edges);
    EXPECT_LE(g.edges.size(), max_graph_edges);
    EXPECT_EQ(g.places.size(), 1001U);
    EXPECT_EQ(g.places.back().rank, 1000);
}

}  // namespace
}  // namespace convlens
