/// Explains output values: terms, subtotals and pointwise steps.
#include "engine/explain/explain.h"

#include <algorithm>
#include <cassert>

#include "engine/nn/graph.h"

namespace convlens {
namespace {

/// Returns the position of the input value from which a pointwise layer computes the output value at `at`.
PixelPosition origin_of(const Operation& operation, const Shape& input, const PixelPosition& at) {
    return std::visit(
        [&]<class Layer>(const Layer& layer) {
            if constexpr (StepLayer<SpecOf<Layer>>) return TraitsOf<Layer>::origin(layer, input, at);
            return assert(false), at;
        },
        operation);
}

/// Applies a pointwise layer to x and returns the step. `at` is the position of the result in the layer's output.
Expected<Step> step_of(const Operation& operation, double x, const PixelPosition& at, const LayerInput& input) {
    return std::visit(
        [&]<class Layer>(const Layer& layer) -> Expected<Step> {
            if constexpr (StepLayer<SpecOf<Layer>>) return TraitsOf<Layer>::step(layer, x, at, input);
            return assert(false), Step{};
        },
        operation);
}

/// Computes weights, products, subtotals and total of `b`. For a pointwise layer, the total is the input value itself.
void break_down(const Operation& operation, const Shape& input, const PixelPosition& at, Breakdown& b) {
    std::visit(
        [&]<class Layer>(const Layer& layer) {
            if constexpr (TermLayer<SpecOf<Layer>>)
                TraitsOf<Layer>::break_down(layer, input, at, b);
            else
                b.rule = TermRule::value, b.add_up();
        },
        operation);
}

Rect place_of(const PixelPosition& position) { return {position.x, position.y, 1, 1}; }

/// Return access to one batch item of a layer's input, which is a tensor or the output of another layer.
LayerInput values_of(const Tensor& input, int item, const Cancel& cancel) {
    const auto read = [&input, item](ChannelRange channels, Rect area) -> Expected<Tensor> {
        Tensor part({1, channels.count, area.h, area.w});
        for (int c = 0; c < channels.count; ++c)
            for (int y = 0; y < area.h; ++y)
                std::copy_n(&input.at(item, channels.first + c, area.y + y, area.x), area.w, &part.at(0, c, y, 0));
        return part;
    };
    return {input.shape(), read, cancel};
}

LayerInput values_of(std::shared_ptr<const Activations> activations, int item, const Cancel& cancel) {
    const Shape shape = activations->shape();
    return {shape,
            [values = std::move(activations), item](ChannelRange channels, Rect area) {
                return values->read(item, channels, area);
            },
            cancel};
}

/// Returns a term for every tap, with its value but without weight and product.
Expected<std::vector<Term>> terms_of(const Taps& taps, const LayerInput& source) {
    std::vector<Term> terms;
    const auto rows = static_cast<int>(taps.rows.size()), columns = static_cast<int>(taps.columns.size());
    terms.reserve(static_cast<std::size_t>(taps.channels) * taps.rows.size() * taps.columns.size());
    for (int c = 0; c < taps.channels; ++c)
        for (int i = 0; i < rows; ++i)
            for (int j = 0; j < columns; ++j) {
                const int y = taps.rows[static_cast<std::size_t>(i)], x = taps.columns[static_cast<std::size_t>(j)];
                const bool padding = y < 0 || x < 0;
                terms.push_back({{taps.first_channel + c, padding ? -1 : y, padding ? -1 : x}, i, j, 0, 1, 0});
            }
    const Rect box = taps.box();
    if (box.w == 0) return terms;
    const ChannelRange channels{taps.first_channel, taps.channels};
    // If the taps are far apart (circular padding, large dilation), reads them one by one instead of their whole box.
    if (std::int64_t{box.w} * box.h <= std::int64_t{64} * rows * columns) {
        const auto values = source.read(channels, box);
        if (!values) return tl::unexpected(values.error());
        for (Term& t : terms)
            if (!t.padding())
                t.value = values->at(0, t.from.channel - channels.first, t.from.y - box.y, t.from.x - box.x);
        return terms;
    }
    const std::size_t plane = taps.rows.size() * taps.columns.size();
    for (std::size_t k = 0; k < plane; ++k) {
        if (source.cancel.requested()) return canceled();
        if (terms[k].padding()) continue;
        const auto values = source.read(channels, {terms[k].from.x, terms[k].from.y, 1, 1});
        if (!values) return tl::unexpected(values.error());
        for (int c = 0; c < channels.count; ++c)
            terms[static_cast<std::size_t>(c) * plane + k].value = values->at(0, c, 0, 0);
    }
    return terms;
}

/// A layer that a value went through, from the asked layer back to the one that made it.
struct Passed {
    int layer = 0;
    PixelPosition place;   ///< Of the value in the layer's output.
    PixelPosition origin;  ///< Of the value that it was before, in the output of layer `from`.
    int from = network_input;
    bool has_terms = false;  ///< Whether the layer computes the value from its terms; it is then the last one.
};

/// Fills `b` with the terms and the total of the value at `at` in the output of a layer with several inputs.
Expected<void> fill_joined(Breakdown& b, const Operation& operation, const std::vector<LayerInput>& sources,
                           const PixelPosition& at) {
    const JoinRule rule = join_of(spec_of(operation));
    std::vector<Shape> shapes;
    for (const LayerInput& source : sources) shapes.push_back(source.shape);
    b.channels = static_cast<int>(sources.size());
    b.window = {1, 1};
    for (std::size_t k = 0; k < sources.size(); ++k) {
        const PixelPosition from = *source_of(rule, shapes, k, at);
        const auto value = sources[k].read({from.channel, 1}, place_of(from));
        if (!value) return tl::unexpected(value.error());
        b.terms.push_back({from, 0, 0, value->at(0, 0, 0, 0), 1, 0});
    }
    b.rule = rule == JoinRule::product ? TermRule::product : TermRule::sum;
    b.add_up();
    if (b.rule == TermRule::product) {
        b.total = 1;
        for (const Term& t : b.terms) b.total *= static_cast<double>(t.value);
    }
    return {};
}

/// Fills `b` with the terms and the total of the value at `at` in the layer's output.
Expected<void> fill(Breakdown& b, const Operation& operation, const LayerInput& source, const PixelPosition& at,
                    const Taps& taps) {
    b.first_channel = taps.first_channel;
    b.channels = taps.channels;
    b.window = {static_cast<int>(taps.rows.size()), static_cast<int>(taps.columns.size())};
    auto terms = terms_of(taps, source);
    if (!terms) return tl::unexpected(terms.error());
    b.terms = std::move(*terms);
    break_down(operation, source.shape, at, b);
    return {};
}

/// Returns true if the layer is an activation function. The explanation includes such a layer even if it comes after
/// the layer passed to explain().
bool activates(const Operation& operation) {
    return pointwise(operation) && role_of(spec_of(operation)) == Role::activation;
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

}  // namespace

bool pointwise(const Operation& operation) {
    return std::visit([]<class Layer>(const Layer&) { return StepLayer<SpecOf<Layer>>; }, operation);
}

int making_layer(const Network& network, int layer) {
    for (;;) {
        const std::vector<int> inputs = inputs_of(network.layers, layer);
        if (inputs.size() > 1 || inputs.front() < 0 ||
            !pointwise(network.layers[static_cast<std::size_t>(layer)].operation))
            return layer;
        layer = inputs.front();
    }
}

Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const PixelPosition& position, Backend& backend, const Cancel& cancel) {
    const auto asked = backend.forward(network, input, layer, cancel);
    if (!asked) return tl::unexpected(asked.error());
    const Shape shape = (*asked)->shape();
    if (item < 0 || item >= shape.n || position.channel < 0 || position.channel >= shape.c || position.y < 0 ||
        position.y >= shape.h || position.x < 0 || position.x >= shape.w)
        return fail("there is no value at item {}, channel {}, y {}, x {}: the output is {}", item, position.channel,
                    position.y, position.x, to_string(shape));
    const auto at = [&](int i) -> const Layer& { return network.layers[static_cast<std::size_t>(i)]; };
    const auto output_of = [&](int i) -> Expected<LayerInput> {
        if (i < 0) return values_of(*input, item, cancel);
        auto before = backend.forward(network, input, i, cancel);
        if (!before) return tl::unexpected(before.error());
        return values_of(std::move(*before), item, cancel);
    };

    Explanation e;
    e.position = position;
    e.asked_layer = at(layer).name;
    const auto value = (*asked)->read(item, {position.channel, 1}, place_of(position));
    if (!value) return tl::unexpected(value.error());
    e.shown = value->at(0, 0, 0, 0);

    // Goes back through the pointwise layers, and through each Concat to the input that has the channel, to the layer
    // that computed the value.
    std::vector<Passed> passed;
    std::vector<LayerInput> sources;  // of the last layer in `passed`
    for (int i = layer; i >= 0; i = passed.back().from) {
        const PixelPosition place = passed.empty() ? position : passed.back().origin;
        const std::vector<int> inputs = inputs_of(network.layers, i);
        sources.clear();
        std::vector<Shape> shapes;
        for (const int from : inputs) {
            auto source = output_of(from);
            if (!source) return tl::unexpected(source.error());
            shapes.push_back(source->shape);
            sources.push_back(std::move(*source));
        }
        const Operation& operation = at(i).operation;
        passed.push_back({i, place, {}, network_input, true});
        if (inputs.size() == 1 ? !pointwise(operation) : !std::holds_alternative<Concat>(operation)) break;
        std::size_t k = 0;
        if (inputs.size() > 1)
            while (!source_of(JoinRule::concat, shapes, k, place)) ++k;
        passed.back() = {i, place,
                         inputs.size() > 1 ? *source_of(JoinRule::concat, shapes, k, place)
                                           : origin_of(operation, shapes.front(), place),
                         inputs[k], false};
        if (inputs.size() > 1) {
            const LayerInput one = sources[k];
            sources.clear();
            sources.push_back(one);
        }
    }
    const Passed& maker = passed.back();
    const Operation& operation = at(maker.layer).operation;
    e.depth = static_cast<std::size_t>(maker.layer);
    e.layer = at(maker.layer).name;
    e.type = type_name(spec_of(operation));
    const std::vector<int> inputs = inputs_of(network.layers, maker.layer);
    if (sources.size() > 1) {
        for (const int from : inputs) e.inputs.push_back(from < 0 ? "input" : at(from).name);
        if (auto ok = fill_joined(e, operation, sources, maker.place); !ok) return tl::unexpected(ok.error());
    } else {
        const Taps taps =
            maker.has_terms ? taps_of(operation, sources.front().shape, maker.place) : tap_at(maker.origin);
        if (auto ok = fill(e, operation, sources.front(), maker.place, taps); !ok) return tl::unexpected(ok.error());
    }

    e.boxes.assign(static_cast<std::size_t>(layer) + 1, Rect{});
    e.source = maker.has_terms ? static_cast<std::size_t>(inputs.front() + 1) : 0;
    if (maker.has_terms)
        std::ranges::copy(receptive_boxes(network, input->shape(), maker.layer, maker.place), e.boxes.begin());
    else
        e.boxes.front() = place_of(maker.origin);
    for (const Passed& p : passed)
        if (p.layer != layer) e.boxes[static_cast<std::size_t>(p.layer) + 1] = place_of(p.place);

    e.result = e.total;
    for (auto step = passed.rbegin(); step != passed.rend(); ++step) {  // clang 14 can't compile std::views::reverse
        const Passed& p = *step;
        if (p.has_terms) continue;
        if (inputs_of(network.layers, p.layer).size() > 1) {
            e.steps.push_back(
                {at(p.layer).name,
                 fmt::format("x (channel {} of {})", p.origin.channel, p.from < 0 ? "the input" : at(p.from).name),
                 e.result, false});
            continue;
        }
        const auto given = output_of(p.from);
        if (!given) return tl::unexpected(given.error());
        auto done = step_of(at(p.layer).operation, e.result, p.place, *given);
        if (!done) return tl::unexpected(done.error());
        e.result = done->value;
        e.steps.push_back({at(p.layer).name, std::move(done->formula), done->value, false});
    }
    const int next = layer + 1;
    if (next < static_cast<int>(network.layers.size()) && activates(at(next).operation) &&
        inputs_of(network.layers, next) == std::vector{layer}) {
        auto done = step_of(at(next).operation, e.result, position, values_of(*asked, item, cancel));
        if (!done) return tl::unexpected(done.error());
        e.steps.push_back({at(next).name, std::move(done->formula), done->value, true});
    }
    return e;
}

std::string to_text(const Explanation& e) {
    std::string text = fmt::format("{}, channel {}, y {}, x {}: {}\n", e.asked_layer, e.position.channel, e.position.y,
                                   e.position.x, number(e.result));
    const auto line = [&](const std::string& more) { text += more + "\n"; };
    for (int c = 0; c < e.channels; ++c) {
        if (e.rule != TermRule::softmax)
            line(e.inputs.empty() ? fmt::format("input channel {}:", e.first_channel + c)
                                  : e.inputs[static_cast<std::size_t>(c)] + ":");
        const auto terms = e.channel(c);
        for (int y = 0; y < e.window.h; ++y) {
            std::string row;
            for (int x = 0; x < e.window.w; ++x) {
                const Term& t = terms[static_cast<std::size_t>(y * e.window.w + x)];
                if (x > 0) row += "  ";
                if (t.padding())
                    row += e.rule == TermRule::sum
                               ? fmt::format("(padding 0) x {}", number(static_cast<double>(t.weight)))
                               : "(padding)";
                else if (e.has_weights())
                    row += fmt::format("{} x {}", number(static_cast<double>(t.value)),
                                       number(static_cast<double>(t.weight)));
                else if (e.rule == TermRule::softmax)
                    row += fmt::format("channel {}: {} -> {}", t.from.channel, number(static_cast<double>(t.value)),
                                       number(t.product));
                else
                    row += number(static_cast<double>(t.value));
                if (e.winner >= 0 && &t == &e.terms[static_cast<std::size_t>(e.winner)]) row += " (the largest)";
            }
            line("  " + row);
        }
        if (e.has_weights()) line(fmt::format("  subtotal {}", number(e.subtotals[static_cast<std::size_t>(c)])));
    }
    if (e.bias) line(fmt::format("bias {}", number(static_cast<double>(*e.bias))));
    constexpr const char* names[] = {"sum", "maximum", "mean", "softmax", "value", "product"};
    line(fmt::format("{} {}", names[static_cast<std::size_t>(e.rule)], number(e.total)));
    for (const PointwiseStep& s : e.steps)
        line(fmt::format("{}: {} = {}{}", s.layer, s.formula, number(s.value), s.beyond ? " (the next layer)" : ""));
    return text;
}

}  // namespace convlens
