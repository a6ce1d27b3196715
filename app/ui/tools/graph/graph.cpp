/// The graph tool: what it asks of the worker, what it knows of each layer, its actions and its keys.
#include "app/ui/tools/graph/graph.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "app/ui/language.h"
#include "app/ui/tool.h"
#include "engine/core/numbers.h"
#include "engine/nn/graph.h"

namespace convlens {

extern const Tool graph_tool;

namespace {

/// The request to the worker.
struct MeasureRequest {
    int number = 0;
    friend bool operator==(const MeasureRequest&, const MeasureRequest&) = default;
};

Value want(const Frame& f) {
    const auto& v = f.states.of<GraphView>();
    return f.view.tool == &graph_tool && v.measure > 0 ? Value(MeasureRequest{v.measure}) : Value();
}

/// Measures once for each request, and forgets the result when the network or its input has changed.
ToolJob job(const BackendChoice&) {
    return [last = Value(), number = 0, network = Network(), input = std::shared_ptr<const Tensor>()](
               const Value& want, const JobContext& c) mutable -> Expected<Value> {
        const int wanted = want.as<MeasureRequest>()->number;
        if (number == wanted) {
            if (!(network == c.output.network) || input != c.output.input) last = Value();
            return last;
        }
        constexpr int rounds = 2;
        auto layers = measure_layers(c.backend, c.output.network, c.output.input, rounds, c.cancel);
        if (!layers) return tl::unexpected(layers.error());
        number = wanted;
        network = c.output.network;
        input = c.output.input;
        last = Value(MeasuredLayers{number, std::move(*layers)});
        return last;
    };
}

bool contains(std::string_view text, std::string_view part) {
    const auto same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return std::search(text.begin(), text.end(), part.begin(), part.end(), same) != text.end() || part.empty();
}

/// Returns the layer that an arrow key leads to: up to the first one that is read, down to the first one that reads it,
/// sideways to the neighbor in the same rank; nullopt if there is none.
std::optional<int> neighbor(const Frame& f, const Arrow& arrow) {
    const auto& v = f.states.of<GraphView>();
    const int now = f.chain.plan.layer, count = static_cast<int>(v.inputs.size());
    if (now < 0 || now >= count) return std::nullopt;
    const auto& read = v.inputs[static_cast<std::size_t>(now)];
    if (arrow.dy < 0) return read.front() < 0 ? std::nullopt : std::optional(read.front());
    const GraphPlace& from = v.layout.places[static_cast<std::size_t>(now) + 1];
    std::optional<int> best;
    int nearest = 1 << 30;
    for (int i = 0; i < count; ++i) {
        const GraphPlace& to = v.layout.places[static_cast<std::size_t>(i) + 1];
        const int aside = to.column - from.column;
        const bool reads = arrow.dy > 0 && std::ranges::count(v.inputs[static_cast<std::size_t>(i)], now) > 0;
        const bool beside = arrow.dy == 0 && to.rank == from.rank && aside * arrow.dx > 0;
        const int distance = reads ? to.rank - from.rank : std::abs(aside);
        if ((reads || beside) && distance < nearest) nearest = distance, best = i;
    }
    return best;
}

bool handle(Frame& f, const Event& event) {
    const auto* arrow = std::get_if<Arrow>(&event);
    if (!arrow) return false;
    update_graph(f);  // the network may be another one than in the last frame
    if (const auto to = neighbor(f, *arrow)) select_layer(f, *to);
    return true;
}

bool in_graph(const Frame& f) { return f.view.tool == &graph_tool; }
bool has_layers(const Frame& f) { return !f.chain.plan.layers.empty(); }

void find(Frame& f) {
    f.view.tool = &graph_tool;
    f.states.of<GraphView>().focus_search = true;
}

// clang-format off
constexpr Action rows[] = {
    {"graph", "Graph of the network", Menu::view, {{{'G', 0}}}, has_layers, [](Frame& f) { toggle_tool(f, graph_tool); }},
    {"graph.find", "Graph: find a layer by name", Menu::layer, {{{'/', 0}}}, has_layers, find},
    {"graph.fit", "Graph: show the whole network", Menu::layer, {{{'F', 0}}}, in_graph, [](Frame& f) { f.states.of<GraphView>().fit = true; }},
};
// clang-format on

ScenePart scene_part(States& states) {
    const auto& v = states.of<GraphView>();
    ScenePart::Object part;
    if (v.fit) part["fit"] = ScenePart{true};
    if (!v.maps) part["without_maps"] = ScenePart{true};
    if (v.zoom != 1) part["zoom"] = ScenePart{static_cast<double>(v.zoom)};
    if (v.bars != GraphBars::macs) part["bars"] = ScenePart{static_cast<double>(v.bars)};
    return part.empty() ? ScenePart() : ScenePart{std::move(part)};
}

void show_part(States& states, const ScenePart& part) {
    auto& v = states.of<GraphView>();
    v.fit = part["fit"].flag();
    v.maps = !part["without_maps"].flag();
    v.zoom = static_cast<float>(std::clamp(part["zoom"].number(1), 0.02, 4.0));
    v.bars = static_cast<GraphBars>(static_cast<int>(std::clamp(part["bars"].number(), 0.0, 4.0)));
    v.followed = -2;
    v.search.clear();
}

void report(Frame& f) {
    if (!in_graph(f)) return;
    const auto& v = f.states.of<GraphView>();
    f.map.state("graph", fmt::format("{} {} {:.3f}", v.layout.places.size(), v.layout.edges.size(), v.zoom));
    f.map.state("graph.found", fmt::format("{}", v.search.empty() ? 0 : v.found.size()));
    const MeasuredLayers* m = measured_layers(f);
    double ms = 0;
    for (const LayerMeasurement& layer : m ? m->layers : std::vector<LayerMeasurement>()) ms += layer.milliseconds;
    const LayerValues* values =
        f.chain.error.empty() ? values_of(f, static_cast<std::size_t>(f.chain.plan.layer)) : nullptr;
    f.map.state(
        "graph.values",
        values ? fmt::format("{} {} {}", values->count, values->quantiles.front(), values->quantiles.back()) : "-");
    f.map.state("graph.measured", m ? fmt::format("{} {:.3f}", m->layers.size(), ms) : "-");
}

}  // namespace

void update_graph(Frame& f) {
    auto& v = f.states.of<GraphView>();
    const auto& layers = f.chain.plan.layers;
    bool same = v.inputs.size() == layers.size();
    for (std::size_t i = 0; same && i < layers.size(); ++i)
        same = layers[i].inputs.empty() ? v.inputs[i].size() == 1 && v.inputs[i].front() == static_cast<int>(i) - 1
                                        : layers[i].inputs == v.inputs[i];
    if (!same) {
        v.inputs.clear();
        for (int i = 0; i < static_cast<int>(layers.size()); ++i) v.inputs.push_back(inputs_of(layers, i));
        v.layout = layout_graph(v.inputs);
        v.followed = -2;
    }
    v.found.clear();
    for (std::size_t i = 0; !v.search.empty() && i < layers.size(); ++i)
        if (contains(layers[i].name, v.search) || contains(type_name(layers[i].operation), v.search))
            v.found.push_back(static_cast<int>(i));
}

const MeasuredLayers* measured_layers(const Frame& f) {
    const MeasuredLayers* m = f.shown ? f.shown->answer<MeasuredLayers>() : nullptr;
    return m && f.shown->request.edited.network == f.draft.network ? m : nullptr;
}

const LayerValues* values_of(const Frame& f, std::size_t i) {
    const MeasuredLayers* m = measured_layers(f);
    return m && i < m->layers.size() && m->layers[i].values.count > 0 ? &m->layers[i].values : nullptr;
}

double bar_value(const Frame& f, std::size_t i) {
    const GraphBars bars = f.states.of<GraphView>().bars;
    if (bars == GraphBars::time || bars == GraphBars::dead) {
        const MeasuredLayers* m = measured_layers(f);
        if (!m || i >= m->layers.size() || m->layers[i].milliseconds < 0) return 0;
        const LayerMeasurement& layer = m->layers[i];
        return bars == GraphBars::time ? layer.milliseconds : static_cast<double>(layer.dead) / layer.channels;
    }
    if (i >= f.chain.numbers.layers.size()) return 0;
    const LayerNumbers& n = f.chain.numbers.layers[i];
    return bars == GraphBars::macs         ? static_cast<double>(n.multiply_accumulates)
           : bars == GraphBars::parameters ? static_cast<double>(n.parameters)
                                           : static_cast<double>(n.bytes);
}

double largest_bar(const Frame& f) {
    if (f.states.of<GraphView>().bars == GraphBars::dead) return 1;
    double largest = 0;
    for (std::size_t i = 0; i < f.chain.plan.layers.size(); ++i) largest = std::max(largest, bar_value(f, i));
    return largest;
}

std::string bar_text(const Frame& f, std::size_t i) {
    const GraphBars bars = f.states.of<GraphView>().bars;
    const double value = bar_value(f, i);
    if (bars == GraphBars::dead) {
        const MeasuredLayers* m = measured_layers(f);
        if (!m || i >= m->layers.size() || m->layers[i].milliseconds < 0) return {};
        return tr_format("{} of {} dead", m->layers[i].dead, m->layers[i].channels);
    }
    if (value <= 0) return {};
    switch (bars) {
        case GraphBars::time: return fmt::format("{:.2f} ms", value);
        case GraphBars::memory: return fmt::format("{:.2f} MB", value * 1e-6);
        case GraphBars::parameters: return tr_format("{} parameters", grouped(static_cast<std::uint64_t>(value)));
        default: return tr_format("{} MACs", grouped(static_cast<std::uint64_t>(value)));
    }
}

void select_layer(Frame& f, int index) { f.draft.layer = f.chain.plan.layers[static_cast<std::size_t>(index)].name; }

void select_next_found(Frame& f) {
    auto& v = f.states.of<GraphView>();
    if (v.found.empty()) return;
    const bool same = std::exchange(v.found_for, v.search) == v.search;
    const auto next = same ? std::ranges::upper_bound(v.found, f.chain.plan.layer) : v.found.begin();
    select_layer(f, next == v.found.end() ? v.found.front() : *next);
    v.fit = false;
}

const Tool graph_tool{
    .id = "graph",
    .middle = {"Graph", "Draws the network: its layers as boxes, what they read as edges (Shift+G)", graph_panel},
    .actions = rows,
    .want = want,
    .job = job,
    .handle = handle,
    .scene_part = scene_part,
    .show_part = show_part,
    .report = report};

}  // namespace convlens
