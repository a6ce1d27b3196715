/// Runs networks with other padding.
#include "engine/filter/borders.h"

#include <algorithm>
#include <cmath>

#include "engine/core/sentence.h"
#include "engine/filter/downsampling.h"
#include "engine/nn/receptive_fields.h"

namespace convlens {
namespace {

/// Sets changed and difference of `layer` for `mode`.
void compare(BorderedLayer& layer, std::size_t mode, const Tensor& zeros, const Tensor& other) {
    const auto count = static_cast<double>(zeros.size());
    double sum = 0, squares = 0;
    for (const float v : zeros.values()) sum += static_cast<double>(v), squares += std::pow(static_cast<double>(v), 2);
    const double centered = std::max(squares - sum * sum / count, 0.0), limit = 0.01 * std::sqrt(centered / count);
    double difference = 0;
    std::size_t changed = 0;
    for (std::size_t i = 0; i < zeros.size(); ++i) {
        const double d = static_cast<double>(zeros.data()[i]) - static_cast<double>(other.data()[i]);
        difference += d * d;
        changed += std::abs(d) > limit;
    }
    layer.changed[mode] = static_cast<double>(changed) / count;
    layer.difference[mode] = centered > 0 ? std::sqrt(difference / centered) : NAN;
}

/// Returns whether the receptive field of each position extends beyond the image.
Tensor mask_of(const ReceptiveFields& fields, const Shape& shape, const Shape& input) {
    Tensor mask({1, 1, shape.h, shape.w});
    for (int y = 0; y < shape.h; ++y)
        for (int x = 0; x < shape.w; ++x) {
            const Rect r = fields.of(y, x);
            mask.at(0, 0, y, x) = r.x < 0 || r.y < 0 || r.x + r.w > input.w || r.y + r.h > input.h ? 1.0F : 0.0F;
        }
    return mask;
}

}  // namespace

Network padded_by(const Network& network, PaddingMode mode) {
    Network made = network;
    for (Layer& layer : made.layers)
        if (auto* conv = std::get_if<Conv2d>(&layer.operation)) conv->params.padding_mode = mode;
    return made;
}

std::optional<Expected<BorderResult>> border_effects(const Network& whole, const Tensor& input, int channel,
                                                     const Cancel& cancel) {
    Network network = whole;
    network.layers.resize(leading_maps(whole));
    BorderResult result;
    std::vector<Tensor> zeros(network.layers.size());
    for (int mode = 0; mode < padding_modes; ++mode) {
        const auto m = static_cast<std::size_t>(mode);
        const Network padded = padded_by(network, static_cast<PaddingMode>(mode));
        Tensor before = input.clone(), after;
        for (std::size_t i = 0; i < padded.layers.size(); ++i) {
            const auto ran = run_layer(padded.layers[i], before, cancel, after);
            if (ran && !*ran) return std::nullopt;
            if (!ran && mode == 0) return tl::unexpected(ran.error());
            if (!ran) {
                result.errors[m] = ran.error().message;
                for (std::size_t k = i; k < padded.layers.size(); ++k)
                    result.layers[k].changed[m] = result.layers[k].difference[m] = NAN;
                break;
            }
            if (mode == 0) {
                zeros[i] = after.clone();
                const Tensor mask = mask_of(receptive_fields(network, input.shape(), static_cast<int>(i)),
                                            after.shape(), input.shape());
                double reached = 0;
                for (const float v : mask.values()) reached += static_cast<double>(v);
                result.layers.push_back({padded.layers[i].name,
                                         after.shape(),
                                         reached / static_cast<double>(std::max<std::size_t>(mask.size(), 1)),
                                         {},
                                         {}});
            } else {
                compare(result.layers[i], m, zeros[i], after);
            }
            std::swap(before, after);
            cancel.report((static_cast<float>(mode) + static_cast<float>(i) / static_cast<float>(zeros.size())) / 4);
        }
        if (!result.errors[m].empty()) continue;
        const Shape& s = before.shape();
        if (channel < 0 || channel >= s.c)
            return fail("channel {} does not exist: there are channels 0 to {}", channel, s.c - 1);
        result.maps[m] = Tensor({1, 1, s.h, s.w});
        std::ranges::copy(before.plane(0, channel), result.maps[m].data());
    }
    if (!network.layers.empty())
        result.mask = mask_of(receptive_fields(network, input.shape(), static_cast<int>(network.layers.size()) - 1),
                              result.layers.back().shape, input.shape());
    return result;
}

Chart border_chart(const BorderResult& result) {
    Chart chart;
    chart.title = "How far the borders of the image reach";
    chart.x = {1, std::max<double>(2, static_cast<double>(result.layers.size())), "number of the layer"};
    chart.y = {0, 100, "values (%)"};
    const auto add = [&](const std::string& name, int index, auto&& value) {
        ChartCurve curve{name, curve_color(index, 5), {}, {}};
        for (const BorderedLayer& layer : result.layers) {
            curve.x.push_back(static_cast<double>(curve.x.size() + 1));
            curve.y.push_back(100 * value(layer));
        }
        chart.curves.push_back(std::move(curve));
    };
    add("receptive field beyond the image", 0, [](const BorderedLayer& l) { return l.reached; });
    for (int mode = 1; mode < padding_modes; ++mode)
        add(sentence("{} changes the value", to_string(static_cast<PaddingMode>(mode))), mode,
            [=](const BorderedLayer& l) { return l.changed[static_cast<std::size_t>(mode)]; });
    return chart;
}

}  // namespace convlens
