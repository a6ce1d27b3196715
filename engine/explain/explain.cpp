/// Terms, subtotals and what pointwise layers make of them.
#include "engine/explain/explain.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "engine/core/overloaded.h"

namespace convlens {
namespace {

/// A pointwise layer as a formula and as what it does to x.
struct Pointwise {
    std::string formula;
    double value;
};

std::optional<Pointwise> apply(const Operation& operation, double x, int channel) {
    using Found = std::optional<Pointwise>;
    const auto c = static_cast<std::size_t>(channel);
    return std::visit(
        Overloaded{[&](const ReLU&) -> Found {
                       return Pointwise{"max(x, 0)", std::max(x, 0.0)};
                   },
                   [&](const LeakyReLU& l) -> Found {
                       return Pointwise{fmt::format("x where x > 0, else {:g} x", l.negative_slope),
                                        x > 0 ? x : x * static_cast<double>(l.negative_slope)};
                   },
                   [&](const Sigmoid&) -> Found {
                       return Pointwise{"1 / (1 + exp(-x))", 1 / (1 + std::exp(-x))};
                   },
                   [&](const Tanh&) -> Found {
                       return Pointwise{"tanh(x)", std::tanh(x)};
                   },
                   [&](const Dropout&) -> Found {
                       return Pointwise{"x (dropout does nothing after training)", x};
                   },
                   [&](const Flatten&) -> Found {
                       return Pointwise{"x (only the shape changes)", x};
                   },
                   [&](const BatchNorm2d& b) -> Found {
                       const auto at = [&](const SharedValues& values, float other) {
                           return static_cast<double>(values ? (*values)[c] : other);
                       };
                       const double mean = at(b.running_mean, 0), variance = at(b.running_var, 1),
                                    weight = at(b.weight, 1), bias = at(b.bias, 0);
                       return Pointwise{
                           fmt::format("(x - {:.4g}) / sqrt({:.4g} + {:g}) * {:.4g} + {:.4g}", mean, variance,
                                       b.spec.eps, weight, bias),
                           (x - mean) / std::sqrt(variance + static_cast<double>(b.spec.eps)) * weight + bias};
                   },
                   [](const auto&) -> Found { return std::nullopt; }},
        operation);
}

bool activation(const Operation& operation) {
    return std::holds_alternative<ReLU>(operation) || std::holds_alternative<LeakyReLU>(operation) ||
           std::holds_alternative<Sigmoid>(operation) || std::holds_alternative<Tanh>(operation);
}

/// The values of a layer's input, by where they lie.
class Source {
  public:
    Source(const Tensor& input, int item) : tensor_(&input), item_(item) {}
    Source(std::shared_ptr<const Activations> activations, int item)
        : activations_(std::move(activations)), item_(item) {}

    Shape shape() const { return tensor_ ? tensor_->shape() : activations_->shape(); }

    /// Channels of an area, in the order (channel, row, column).
    Expected<Tensor> read(ChannelRange channels, Rect area) const {
        if (activations_) return activations_->read(item_, channels, area);
        Tensor part({1, channels.count, area.h, area.w});
        for (int c = 0; c < channels.count; ++c)
            for (int y = 0; y < area.h; ++y)
                std::copy_n(&tensor_->at(item_, channels.first + c, area.y + y, area.x), area.w, &part.at(0, c, y, 0));
        return part;
    }

  private:
    const Tensor* tensor_ = nullptr;
    std::shared_ptr<const Activations> activations_;
    int item_;
};

/// The value of every tap; padding without a value is 0.
Expected<std::vector<Term>> terms_of(const Taps& taps, const Source& source, const Cancel& cancel) {
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
    // Taps that a circular border has parted are read one by one instead of with all that lies between.
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
        if (cancel.requested()) return cancelled();
        if (terms[k].padding()) continue;
        const auto values = source.read(channels, {terms[k].from.x, terms[k].from.y, 1, 1});
        if (!values) return tl::unexpected(values.error());
        for (int c = 0; c < channels.count; ++c)
            terms[static_cast<std::size_t>(c) * plane + k].value = values->at(0, c, 0, 0);
    }
    return terms;
}

void add_up(Explanation& e) {
    const auto plane = static_cast<std::size_t>(e.window.h) * static_cast<std::size_t>(e.window.w);
    e.subtotals.assign(static_cast<std::size_t>(e.channels), 0.0);
    for (std::size_t i = 0; i < e.terms.size(); ++i) {
        Term& t = e.terms[i];
        t.product = static_cast<double>(t.value) * static_cast<double>(t.weight);
        e.subtotals[i / plane] += t.product;
    }
    e.total = e.bias ? static_cast<double>(*e.bias) : 0.0;
    for (const double s : e.subtotals) e.total += s;
}

void complete(const Conv2d& conv, const Shape&, const Spot& spot, Explanation& e) {
    const Shape& w = conv.weight->shape();
    for (Term& t : e.terms) {
        const int ky = conv.params.flip ? w.h - 1 - t.ky : t.ky, kx = conv.params.flip ? w.w - 1 - t.kx : t.kx;
        t.weight = conv.weight->at(spot.channel, t.from.channel - e.first_channel, ky, kx);
    }
    if (conv.bias) e.bias = (*conv.bias)[static_cast<std::size_t>(spot.channel)];
    add_up(e);
}

void complete(const LocallyConnected2d& local, const Shape&, const Spot& spot, Explanation& e) {
    const int place = spot.y * local.spec.output_size.w + spot.x;
    for (Term& t : e.terms)
        t.weight = local.weight->at(spot.channel, t.from.channel, place, t.ky * local.spec.kernel_size.w + t.kx);
    if (local.bias) e.bias = local.bias->at(0, spot.channel, spot.y, spot.x);
    add_up(e);
}

void complete(const Linear& linear, const Shape&, const Spot& spot, Explanation& e) {
    const auto row =
        linear.weight->values().subspan(static_cast<std::size_t>(spot.channel) * e.terms.size(), e.terms.size());
    for (std::size_t i = 0; i < e.terms.size(); ++i) e.terms[i].weight = row[i];
    if (linear.bias) e.bias = (*linear.bias)[static_cast<std::size_t>(spot.channel)];
    add_up(e);
}

void complete(const MaxPool2d&, const Shape&, const Spot&, Explanation& e) {
    e.rule = Rule::maximum;
    for (std::size_t i = 0; i < e.terms.size(); ++i)
        if (!e.terms[i].padding() &&
            (e.winner < 0 || e.terms[i].value > e.terms[static_cast<std::size_t>(e.winner)].value))
            e.winner = static_cast<int>(i);
    add_up(e);
    e.total = e.winner < 0 ? -HUGE_VAL : static_cast<double>(e.terms[static_cast<std::size_t>(e.winner)].value);
}

void mean(int divisor, Explanation& e) {
    e.rule = Rule::mean;
    e.divisor = divisor;
    for (Term& t : e.terms) t.weight = 1.0F / static_cast<float>(divisor);
    add_up(e);
    e.total = 0;
    for (const Term& t : e.terms) e.total += static_cast<double>(t.value) / divisor;
}

/// PyTorch counts a window's places up to the end of the padding, not those that ceil_mode lets reach over it.
void complete(const AvgPool2d& p, const Shape& in, const Spot& spot, Explanation& e) {
    const int first_y = spot.y * p.stride.h - p.padding.h, first_x = spot.x * p.stride.w - p.padding.w;
    const int rows = std::min(first_y + p.kernel_size.h, in.h + p.padding.h) - first_y,
              columns = std::min(first_x + p.kernel_size.w, in.w + p.padding.w) - first_x;
    const auto inside = std::count_if(e.terms.begin(), e.terms.end(), [](const Term& t) { return !t.padding(); });
    mean(p.divisor_override.value_or(p.count_include_pad ? rows * columns : static_cast<int>(inside)), e);
}

void complete(const AdaptiveAvgPool2d&, const Shape&, const Spot&, Explanation& e) {
    mean(static_cast<int>(e.terms.size()), e);
}

void complete(const Softmax&, const Shape&, const Spot& spot, Explanation& e) {
    e.rule = Rule::softmax;
    double largest = -HUGE_VAL, sum = 0;
    for (const Term& t : e.terms) largest = std::max(largest, static_cast<double>(t.value));
    for (Term& t : e.terms) sum += t.product = std::exp(static_cast<double>(t.value) - largest);
    for (Term& t : e.terms) e.subtotals.push_back(t.product /= sum);
    e.total = e.subtotals[static_cast<std::size_t>(spot.channel)];
}

template <class Other>
void complete(const Other&, const Shape&, const Spot&, Explanation& e) {
    e.rule = Rule::value;
    add_up(e);
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

}  // namespace

bool pointwise(const Operation& operation) {
    return !std::visit(
        [](const auto& layer) {
            using Kind = std::decay_t<decltype(layer)>;
            return std::is_same_v<Kind, Conv2d> || std::is_same_v<Kind, LocallyConnected2d> ||
                   std::is_same_v<Kind, Linear> || std::is_same_v<Kind, MaxPool2d> || std::is_same_v<Kind, AvgPool2d> ||
                   std::is_same_v<Kind, AdaptiveAvgPool2d> || std::is_same_v<Kind, Softmax>;
        },
        operation);
}

int making_layer(const Network& network, int layer) {
    while (layer > 0 && pointwise(network.layers[static_cast<std::size_t>(layer)].operation)) --layer;
    return layer;
}

Expected<Explanation> explain(const Network& network, const std::shared_ptr<const Tensor>& input, int layer, int item,
                              const Spot& spot, Backend& backend, const Cancel& cancel) {
    const auto asked = backend.forward(network, input, layer, cancel);
    if (!asked) return tl::unexpected(asked.error());
    const Shape shape = (*asked)->shape();
    if (item < 0 || item >= shape.n || spot.channel < 0 || spot.channel >= shape.c || spot.y < 0 || spot.y >= shape.h ||
        spot.x < 0 || spot.x >= shape.w)
        return fail("there is no value at item {}, channel {}, y {}, x {} of {}", item, spot.channel, spot.y, spot.x,
                    to_string(shape));
    const auto at = [&](int i) -> const Layer& { return network.layers[static_cast<std::size_t>(i)]; };
    const auto input_of = [&](int i) -> Expected<Source> {
        if (i == 0) return Source(*input, item);
        auto before = backend.forward(network, input, i - 1, cancel);
        if (!before) return tl::unexpected(before.error());
        return Source(std::move(*before), item);
    };

    Explanation e;
    e.spot = spot;
    e.asked_layer = at(layer).name;
    e.boxes = receptive_boxes(network, input->shape(), layer, spot);
    const auto value = (*asked)->read(item, {spot.channel, 1}, {spot.x, spot.y, 1, 1});
    if (!value) return tl::unexpected(value.error());
    e.shown = value->at(0, 0, 0, 0);

    // Back through the pointwise layers to the one that made the value.
    Spot place = spot;
    std::vector<int> channels(static_cast<std::size_t>(layer) + 1);  // of the value in the output of each layer
    const int made = making_layer(network, layer);
    for (int i = layer; i > made; --i) {
        channels[static_cast<std::size_t>(i)] = place.channel;
        const auto before = input_of(i);
        if (!before) return tl::unexpected(before.error());
        const Taps taps = taps_of(at(i).operation, before->shape(), place);
        place = {taps.first_channel, taps.rows.front(), taps.columns.front()};
    }
    const auto source = input_of(made);
    if (!source) return tl::unexpected(source.error());
    const bool has_own_terms = !pointwise(at(made).operation);
    e.layer = at(made).name;
    e.type = type_name(spec_of(at(made).operation));
    e.depth = static_cast<std::size_t>(made);
    const Taps taps = taps_of(at(made).operation, source->shape(), place);
    e.first_channel = taps.first_channel;
    e.channels = taps.channels;
    e.window = {static_cast<int>(taps.rows.size()), static_cast<int>(taps.columns.size())};
    auto terms = terms_of(taps, *source, cancel);
    if (!terms) return tl::unexpected(terms.error());
    e.terms = std::move(*terms);
    std::visit([&](const auto& operation) { complete(operation, source->shape(), place, e); }, at(made).operation);

    e.result = e.total;
    channels[static_cast<std::size_t>(made)] = place.channel;
    for (int i = has_own_terms ? made + 1 : made; i <= layer; ++i) {
        const auto done = apply(at(i).operation, e.result, channels[static_cast<std::size_t>(i)]);
        e.result = done->value;
        e.steps.push_back({at(i).name, done->formula, done->value, false});
    }
    const auto next = static_cast<std::size_t>(layer) + 1;
    if (next < network.layers.size() && activation(network.layers[next].operation)) {
        const auto done = apply(network.layers[next].operation, e.result, spot.channel);
        e.steps.push_back({network.layers[next].name, done->formula, done->value, true});
    }
    return e;
}

std::string to_text(const Explanation& e) {
    std::string text = fmt::format("{}, channel {}, y {}, x {}: {}\n", e.asked_layer, e.spot.channel, e.spot.y,
                                   e.spot.x, number(e.result));
    const auto line = [&](const std::string& more) { text += more + "\n"; };
    for (int c = 0; c < e.channels; ++c) {
        if (e.rule != Rule::softmax) line(fmt::format("input channel {}:", e.first_channel + c));
        const auto terms = e.channel(c);
        for (int y = 0; y < e.window.h; ++y) {
            std::string row;
            for (int x = 0; x < e.window.w; ++x) {
                const Term& t = terms[static_cast<std::size_t>(y * e.window.w + x)];
                if (x > 0) row += "  ";
                if (t.padding())
                    row += e.rule == Rule::sum ? fmt::format("(padding 0) x {}", number(static_cast<double>(t.weight)))
                                               : "(padding)";
                else if (e.rule == Rule::sum)
                    row += fmt::format("{} x {}", number(static_cast<double>(t.value)),
                                       number(static_cast<double>(t.weight)));
                else if (e.rule == Rule::softmax)
                    row += fmt::format("channel {}: {} -> {}", t.from.channel, number(static_cast<double>(t.value)),
                                       number(t.product));
                else
                    row += number(static_cast<double>(t.value));
                if (e.winner >= 0 && &t == &e.terms[static_cast<std::size_t>(e.winner)]) row += " (the largest)";
            }
            line("  " + row);
        }
        if (e.rule == Rule::sum) line(fmt::format("  subtotal {}", number(e.subtotals[static_cast<std::size_t>(c)])));
    }
    if (e.bias) line(fmt::format("bias {}", number(static_cast<double>(*e.bias))));
    constexpr const char* names[] = {"sum", "maximum", "mean", "softmax", "value"};
    line(fmt::format("{} {}", names[static_cast<std::size_t>(e.rule)], number(e.total)));
    for (const PointwiseStep& s : e.steps)
        line(fmt::format("{}: {} = {}{}", s.layer, s.formula, number(s.value), s.beyond ? " (the next layer)" : ""));
    return text;
}

}  // namespace convlens
