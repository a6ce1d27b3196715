/// Measures the layers of a network.
#include "engine/nn/measure_layers.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/view/grid.h"
#include "engine/view/histogram.h"

namespace convlens {
namespace {

/// Counts the dead channels of all batch items.
void count_dead(const Activations& activations, LayerMeasurement& m) {
    const Shape shape = activations.shape();
    m.channels = shape.n * shape.c;
    m.dead = 0;
    for (int item = 0; item < shape.n; ++item)
        m.dead += static_cast<int>(std::ranges::count_if(activations.stats(item), [&](const ChannelStats& s) {
            return shape.plane() > 1 ? is_dead(s) : s.min == 0 && s.max == 0;
        }));
}

}  // namespace

LayerValues distribution(std::vector<float> values) {
    std::erase_if(values, [](float v) { return !std::isfinite(v); });
    LayerValues result;
    result.count = values.size();
    if (values.empty()) return result;
    auto begin = values.begin();  // what is before is not larger than what is behind
    for (std::size_t i = 0; i < quantile_shares.size(); ++i) {
        const double place = quantile_shares[i] * static_cast<double>(values.size() - 1);
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(place);
        std::nth_element(begin, at, values.end());
        begin = at;
        const double part = place - std::floor(place);
        const float next = part > 0 ? *std::min_element(at + 1, values.end()) : *at;
        result.quantiles[i] =
            static_cast<float>(static_cast<double>(*at) * (1 - part) + static_cast<double>(next) * part);
    }
    const Range range{result.quantiles.front(), result.quantiles.back()};
    if (std::isfinite(range.hi - range.lo)) result.histogram = histogram(values, range, LayerValues::bins);
    return result;
}

Expected<std::vector<LayerMeasurement>> measure_layers(Backend& backend, const Network& network,
                                                       const std::shared_ptr<const Tensor>& input, int rounds,
                                                       const Cancel& cancel) {
    using Clock = std::chrono::steady_clock;
    const int count = static_cast<int>(network.layers.size());
    std::vector<LayerMeasurement> all(network.layers.size());
    for (int round = 0; round < rounds; ++round) {
        backend.forget();
        for (int i = 0; i < count; ++i) {
            const auto step = static_cast<float>(round * count + i), steps = static_cast<float>(rounds * count);
            const auto start = Clock::now();
            const auto output = backend.forward(network, input, i, cancel.part(step / steps, (step + 1) / steps));
            if (!output) {
                if (output.error().canceled) return tl::unexpected(output.error());
                continue;
            }
            LayerMeasurement& m = all[static_cast<std::size_t>(i)];
            count_dead(**output, m);  // OpenGL has computed the statistics when they can be read
            const double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
            m.milliseconds = m.milliseconds < 0 ? ms : std::min(m.milliseconds, ms);
            if (round > 0) continue;
            if (const auto values = all_values(**output))
                m.values = distribution({values->values().begin(), values->values().end()});
        }
    }
    return all;
}

}  // namespace convlens
