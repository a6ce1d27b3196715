/// Draws positions, explains them and compares.
#include "engine/explain/check_values.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/random.h"
#include "engine/core/sentence.h"
#include "engine/explain/explain.h"

namespace convlens {
namespace {

/// Returns the largest finite magnitude in the output of a layer, of all batch items.
double largest_magnitude(const Activations& activations) {
    double largest = 0;
    for (int item = 0; item < activations.shape().n; ++item)
        for (const ChannelStats& s : activations.stats(item))
            for (const double v : {static_cast<double>(s.min), static_cast<double>(s.max)})
                if (std::isfinite(v)) largest = std::max(largest, std::abs(v));
    return largest;
}

/// Returns the error of the value relative to `largest`. Equal infinities, as of max pooling over padding, are right.
double error_of(const Explanation& e, double largest) {
    const auto shown = static_cast<double>(e.shown);
    if (shown == e.result || (std::isnan(shown) && std::isnan(e.result))) return 0;
    const double error = std::abs(shown - e.result) / std::max(largest, 1e-30);
    return std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
}

}  // namespace

Expected<CheckedValues> check_values(const Network& network, const std::shared_ptr<const Tensor>& input, int layer,
                                     int count, std::uint32_t seed, Backend& backend, const Cancel& cancel) {
    CheckedValues result;
    Random random(seed);
    const auto below = [&](int limit) { return random.whole(0, limit - 1); };
    const int layers = layer + 1;
    for (int l = 0; l < layers; ++l) {
        const auto activations = backend.forward(network, input, l, cancel);
        if (!activations) return tl::unexpected(activations.error());
        const Shape s = (*activations)->shape();
        const double largest = largest_magnitude(**activations);
        for (int i = l; i < count; i += layers) {
            if (cancel.requested()) return canceled();
            const int item = below(s.n);
            const PixelPosition position{below(s.c), below(s.h), below(s.w)};
            const auto e = explain(network, input, l, item, position, backend, cancel);
            if (!e) return tl::unexpected(e.error());
            const double error = error_of(*e, largest);
            ++result.checked;
            if (error <= CheckedValues::tolerance) ++result.right;
            if (error <= result.worst) continue;
            result.worst = error;
            result.where =
                sentence("{}, item {}, channel {}, row {}, column {}", network.layers[static_cast<std::size_t>(l)].name,
                         item, position.channel, position.y, position.x);
        }
    }
    return result;
}

std::string to_string(const CheckedValues& c) {
    const std::string error =
        c.where.empty() ? sentence("no error") : sentence("largest error {:.1e} of the largest value", c.worst);
    if (c.right == c.checked)
        return sentence("checked {0} of {0} values in double precision: right, {1}", c.checked, error);
    return sentence("checked {} values in double precision: {} are WRONG, {} ({})", c.checked, c.checked - c.right,
                    error, c.where);
}

}  // namespace convlens
