/// The table of live values.
#include "engine/explain/live_values.h"

#include <algorithm>
#include <array>

#include "engine/core/numbers.h"
#include "engine/core/sentence.h"
#include "engine/document/plan.h"
#include "engine/nn/graph.h"
#include "engine/nn/parameters.h"
#include "engine/view/rich_text.h"

namespace convlens {
namespace {

using Text = std::optional<std::string>;

std::string times(const Shape& s) { return fmt::format("{} × {} × {} × {}", s.n, s.c, s.h, s.w); }

/// Returns "3" for equal numbers, otherwise "3 × 5".
std::string side(const Size2& s) { return s.h == s.w ? fmt::format("{}", s.h) : fmt::format("{} × {}", s.h, s.w); }

std::string both(const Size2& s) { return fmt::format("{} × {}", s.h, s.w); }

std::string number(std::int64_t value) { return grouped(static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0))); }

/// The first input of the shown layer: the output of the layer before it, or the input of the network.
const Shape& layer_input(const LiveFacts& f) {
    const std::size_t count = f.numbers.layers.size();
    if (count == 0 || count < f.layers.size()) return f.input;
    const int from = inputs_of(f.layers, static_cast<int>(count) - 1).front();
    return from < 0 ? f.input : f.numbers.layers[static_cast<std::size_t>(from)].output;
}

std::optional<WindowShape> window(const LiveFacts& f) {
    if (f.layers.empty()) return std::nullopt;
    const Shape& in = layer_input(f);
    return window_of(f.layers.back().operation, {in.h, in.w});
}

Text of_window(const LiveFacts& f, std::string (*text)(const WindowShape&)) {
    const auto w = window(f);
    return w ? Text(text(*w)) : Text();
}

const LayerNumbers* last(const LiveFacts& f) { return f.numbers.layers.empty() ? nullptr : &f.numbers.layers.back(); }

std::string scale_text(ScaleMode mode) {
    switch (mode) {
        case ScaleMode::per_channel:
            return sentence("each channel has its own color scale, from its minimum to its maximum");
        case ScaleMode::shared: return sentence("all channels share one color scale");
        case ScaleMode::symmetric: return sentence("all channels share one color scale; zero is gray");
        case ScaleMode::per_channel_symmetric: return sentence("each channel has its own color scale; zero is gray");
        case ScaleMode::fixed: break;
    }
    return sentence("all channels share one fixed color scale");
}

struct Row {
    std::string_view name;
    Text (*text)(const LiveFacts&);
};

// clang-format off
constexpr Row table[] = {
    {"input_shape", [](const LiveFacts& f) { return Text(times(f.input)); }},
    {"input_size", [](const LiveFacts& f) { return Text(both({f.input.h, f.input.w})); }},
    {"input_channels", [](const LiveFacts& f) { return Text(number(layer_input(f).c)); }},
    {"output_shape", [](const LiveFacts& f) { return Text(times(f.output)); }},
    {"output_size", [](const LiveFacts& f) { return Text(both({f.output.h, f.output.w})); }},
    {"output_channels", [](const LiveFacts& f) { return Text(number(f.output.c)); }},
    {"output_values", [](const LiveFacts& f) { return Text(grouped(f.output.count())); }},
    {"batch", [](const LiveFacts& f) { return Text(number(f.output.n)); }},
    {"layer", [](const LiveFacts& f) { return f.layers.empty() ? Text() : Text(f.layers.back().name); }},
    {"parameters", [](const LiveFacts& f) { return Text(grouped(f.numbers.parameters())); }},
    {"layer_parameters", [](const LiveFacts& f) { return last(f) ? Text(grouped(last(f)->parameters)) : Text(); }},
    {"macs", [](const LiveFacts& f) { return Text(grouped(f.numbers.multiply_accumulates())); }},
    {"receptive_field", [](const LiveFacts& f) { return last(f) ? Text(both(last(f)->receptive_field)) : Text(); }},
    {"kernel_size", [](const LiveFacts& f) { return of_window(f, [](const WindowShape& w) { return both(w.kernel_size); }); }},
    {"stride", [](const LiveFacts& f) { return of_window(f, [](const WindowShape& w) { return side(w.stride); }); }},
    {"padding", [](const LiveFacts& f) { return of_window(f, [](const WindowShape& w) { return side({w.padding.top, w.padding.left}); }); }},
    {"dilation", [](const LiveFacts& f) { return of_window(f, [](const WindowShape& w) { return side(w.dilation); }); }},
    {"scale", [](const LiveFacts& f) { return Text(scale_text(f.display.scale.mode)); }},
    {"value", [](const LiveFacts& f) { return f.value ? Text(fmt::format("{:.4g}", *f.value)) : Text(); }},
};
// clang-format on

}  // namespace

LiveFacts live_facts(const DisplayOptions& display, const Network& network, int layer, const Shape& input,
                     const Shape& output, std::optional<double> value) {
    LiveFacts facts{display, {}, {}, input, output, value};
    const auto count = std::min(network.layers.size(), static_cast<std::size_t>(std::max(layer, -1) + 1));
    for (std::size_t i = 0; i < count; ++i)
        facts.layers.push_back({network.layers[i].name, spec_of(network.layers[i].operation)});
    facts.numbers = layer_numbers(facts.layers, input);
    return facts;
}

Expected<LiveFacts> live_facts(const Document& document) {
    const auto input = input_tensor(document, Cancel());
    if (!input) return tl::unexpected(input.error());
    const Shape shape = (*input)->shape();
    auto plan = plan_network(document, shape.c);
    if (!plan) return tl::unexpected(plan.error());
    plan->layers.resize(static_cast<std::size_t>(plan->layer) + 1);
    NetworkNumbers numbers = layer_numbers(plan->layers, shape);
    const Shape output = numbers.layers.empty() ? shape : numbers.layers.back().output;
    return LiveFacts{document.display, std::move(plan->layers), std::move(numbers), shape, output, std::nullopt};
}

Text live_value(std::string_view name, const LiveFacts& facts) {
    const auto* row = std::find_if(std::begin(table), std::end(table), [&](const Row& r) { return r.name == name; });
    return row == std::end(table) ? Text() : row->text(facts);
}

std::string with_live_values(std::string_view text, const LiveFacts* facts) {
    return with_values(text, [&](std::string_view name) {
        const auto all = live_value_names();
        if (std::find(all.begin(), all.end(), name) == all.end()) return Text();
        return Text((facts ? live_value(name, *facts) : Text()).value_or("…"));
    });
}

std::span<const std::string_view> live_value_names() {
    static const auto names = [] {
        std::array<std::string_view, std::size(table)> all;
        for (std::size_t i = 0; i < all.size(); ++i) all[i] = table[i].name;
        return all;
    }();
    return names;
}

}  // namespace convlens
