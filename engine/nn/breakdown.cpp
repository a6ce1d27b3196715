/// Computes the sums of a breakdown, and normalization steps.
#include "engine/nn/breakdown.h"

#include <cmath>

namespace convlens {

void Breakdown::add_up() {
    const auto plane = static_cast<std::size_t>(window.h) * static_cast<std::size_t>(window.w);
    subtotals.assign(static_cast<std::size_t>(channels), 0.0);
    for (std::size_t i = 0; i < terms.size(); ++i) {
        Term& t = terms[i];
        t.product = static_cast<double>(t.value) * static_cast<double>(t.weight);
        subtotals[i / plane] += t.product;
    }
    total = bias ? static_cast<double>(*bias) : 0.0;
    for (const double s : subtotals) total += s;
}

void Breakdown::make_mean(int divisor_) {
    rule = TermRule::mean;
    divisor = divisor_;
    for (Term& t : terms) t.weight = 1.0F / static_cast<float>(divisor);
    add_up();
    total = 0;
    for (const Term& t : terms) total += static_cast<double>(t.value) / divisor;
}

Step normalized(double x, double mean, double variance, float eps, double weight, double bias) {
    return {fmt::format("(x - {:.4g}) / sqrt({:.4g} + {:g}) * {:.4g} + {:.4g}", mean, variance, eps, weight, bias),
            (x - mean) / std::sqrt(variance + static_cast<double>(eps)) * weight + bias};
}

}  // namespace convlens
