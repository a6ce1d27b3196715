/// Rounds weights and activations.
#include "engine/filter/precision.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "engine/filter/downsampling.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, number_formats> names{"float32", "bfloat16", "float16", "int8 per tensor",
                                                             "int8 per channel"};

/// Rounds to a significand of `bits` bits, ties to even; magnitudes below 2^least have fewer bits.
float round_significand(float value, int bits, int least) {
    if (value == 0 || !std::isfinite(value)) return value;
    const int step = std::max(std::ilogb(value), least) - (bits - 1);
    return std::ldexp(std::nearbyint(std::ldexp(value, -step)), step);
}

float as_bfloat16(float value) { return round_significand(value, 8, std::numeric_limits<float>::min_exponent - 1); }

float as_float16(float value) {
    constexpr float most = 65504, beyond = 65520;
    const float made = round_significand(value, 11, -14);
    return std::abs(value) >= beyond ? std::copysign(INFINITY, value) : std::clamp(made, -most, most);
}

void round_int8(std::span<float> values) {
    float largest = 0;
    for (const float v : values) largest = std::max(largest, std::abs(v));
    if (!(largest > 0)) return;
    const float scale = largest / 127;
    for (float& v : values) v = std::nearbyint(v / scale) * scale;
}

Tensor rounded_activations(Tensor values, NumberFormat format) {
    return rounded(values, format == NumberFormat::int8_channel ? NumberFormat::int8_tensor : format);
}

void round_weights(Network& network, NumberFormat format) {
    for (Layer& layer : network.layers) {
        const auto round = [&](std::shared_ptr<const Tensor>& weight) {
            weight = std::make_shared<const Tensor>(rounded(*weight, format));
        };
        if (auto* conv = std::get_if<Conv2d>(&layer.operation)) round(conv->weight);
        if (auto* linear = std::get_if<Linear>(&layer.operation)) round(linear->weight);
    }
}

bool is_activation(const Layer& layer) { return role_of(spec_of(layer.operation)) == Role::activation; }

/// Returns sum of y^2 and of (other - y)^2 of some values.
std::pair<double, double> energies(std::span<const float> y, std::span<const float> other) {
    double signal = 0, noise = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
        const auto a = static_cast<double>(y[i]), d = static_cast<double>(other[i]) - a;
        signal += a * a, noise += d * d;
    }
    return {signal, noise};
}

double decibels(const std::pair<double, double>& e) {
    return e.first > 0 ? e.second > 0 ? 10 * std::log10(e.first / e.second) : INFINITY : NAN;
}

RoundedLayer compare(const std::string& name, const Tensor& exact, const Tensor& other) {
    RoundedLayer made{name, decibels(energies(exact.values(), other.values())), NAN, 0};
    for (int c = 0; c < exact.shape().c; ++c) {
        const double snr = decibels(energies(exact.plane(0, c), other.plane(0, c)));
        if (std::isnan(snr) || !(std::isnan(made.worst_snr) || snr < made.worst_snr)) continue;
        made.worst_snr = snr, made.worst_channel = c;
    }
    return made;
}

std::vector<double> classes_of(const Tensor& output, bool probabilities) {
    const Shape& s = output.shape();
    if (s.h != 1 || s.w != 1 || s.c < 2) return {};
    std::vector<double> values(output.values().begin(), output.values().end());
    if (probabilities) return values;
    const double most = *std::ranges::max_element(values);
    double sum = 0;
    for (double& v : values) sum += v = std::exp(v - most);
    for (double& v : values) v /= sum;
    return values;
}

}  // namespace

std::span<const std::string_view> number_format_names() { return names; }

Tensor rounded(const Tensor& values, NumberFormat format) {
    Tensor made = values.clone();
    const auto each = [&](float (*round)(float)) { std::ranges::transform(made.values(), made.data(), round); };
    switch (format) {
        case NumberFormat::float32: break;
        case NumberFormat::bfloat16: each(as_bfloat16); break;
        case NumberFormat::float16: each(as_float16); break;
        case NumberFormat::int8_tensor: round_int8(made.values()); break;
        case NumberFormat::int8_channel: {
            const auto n = static_cast<std::size_t>(std::max(made.shape().n, 1)), size = made.size() / n;
            for (std::size_t i = 0; i < n; ++i) round_int8(made.values().subspan(i * size, size));
            break;
        }
    }
    return made;
}

std::optional<Expected<PrecisionResult>> precision(const Network& network, const Tensor& input, int channel,
                                                   const PrecisionOptions& options, const Cancel& cancel) {
    PrecisionResult result;
    std::vector<Tensor> exact(network.layers.size());
    for (int k = 0; k < number_formats; ++k) {
        const auto format = static_cast<NumberFormat>(k);
        RoundedNetwork& made = result.formats[static_cast<std::size_t>(k)];
        Network changed = network;
        if (options.weights && k > 0) round_weights(changed, format);
        const auto store = [&](Tensor values) {
            return options.activations && k > 0 ? rounded_activations(std::move(values), format) : std::move(values);
        };
        Tensor before = store(input.clone()), after;
        for (std::size_t i = 0; i < changed.layers.size(); ++i) {
            const auto ran = run_layer(changed.layers[i], before, cancel, after);
            if (!ran) return tl::unexpected(ran.error());
            if (!*ran) return std::nullopt;
            // A layer and the activation function after it are one step: the values between them are not stored.
            const bool joined = i + 1 < changed.layers.size() && is_activation(changed.layers[i + 1]);
            if (!joined) after = store(std::move(after));
            if (k == 0) exact[i] = after.clone();
            made.layers.push_back(compare(changed.layers[i].name, exact[i], after));
            std::swap(before, after);
            cancel.report((static_cast<float>(k) + static_cast<float>(i) / static_cast<float>(exact.size())) /
                          static_cast<float>(number_formats));
        }
        const Shape& s = before.shape();
        if (channel < 0 || channel >= s.c)
            return fail("channel {} does not exist: there are channels 0 to {}", channel, s.c - 1);
        made.map = Tensor({1, 1, s.h, s.w});
        std::ranges::copy(before.plane(0, channel), made.map.data());
        for (int c = 0; c < s.c && !exact.empty(); ++c) {
            const auto [signal, noise] = energies(exact.back().plane(0, c), before.plane(0, c));
            made.channel_error.push_back(signal > 0 ? std::sqrt(noise / signal) : NAN);
        }
        if (!network.layers.empty())
            made.classes = classes_of(before, std::holds_alternative<Softmax>(network.layers.back().operation));
    }
    return result;
}

Chart precision_chart(const PrecisionResult& result, bool channels) {
    Chart chart;
    double most = 0;
    std::size_t count = 1;
    for (int k = 1; k < number_formats; ++k) {
        const RoundedNetwork& network = result.formats[static_cast<std::size_t>(k)];
        ChartCurve curve{std::string(names[static_cast<std::size_t>(k)]), curve_color(k - 1, number_formats), {}, {}};
        if (channels)
            for (const double error : network.channel_error) curve.y.push_back(100 * error);
        else
            for (const RoundedLayer& layer : network.layers) curve.y.push_back(layer.snr);
        for (std::size_t i = 0; i < curve.y.size(); ++i) {
            curve.x.push_back(static_cast<double>(channels ? i : i + 1));
            if (std::isfinite(curve.y[i])) most = std::max(most, curve.y[i]);
        }
        count = std::max(count, curve.y.size());
        chart.curves.push_back(std::move(curve));
    }
    const auto last = static_cast<double>(count);
    chart.title = channels ? "Error of each channel of the last layer" : "Signal-to-noise ratio of each layer";
    chart.x =
        channels ? Axis{0, std::max(1.0, last - 1), "channel"} : Axis{1, std::max(2.0, last), "number of the layer"};
    chart.y = {0, std::max(most * 1.05, 1e-6), channels ? "error (% of the channel's norm)" : "SNR (dB)"};
    return chart;
}

}  // namespace convlens
