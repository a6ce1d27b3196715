/// Losses of single examples or values, and their gradients.
#include "engine/train/loss.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "engine/core/named.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 3> names{"bce_with_logits", "cross_entropy", "mse"};

}  // namespace

std::span<const std::string_view> loss_names() { return names; }
std::string_view to_string(Loss loss) { return names[static_cast<std::size_t>(loss)]; }
std::optional<Loss> loss_from(std::string_view name) { return named<Loss>(names, name); }

double bce_with_logits(float logit, float target, float& gradient) {
    const double x = static_cast<double>(logit), t = static_cast<double>(target);
    gradient = static_cast<float>(1.0 / (1.0 + std::exp(-x)) - t);
    return std::max(x, 0.0) - x * t + std::log1p(std::exp(-std::abs(x)));
}

double cross_entropy(std::span<const float> logits, int target, std::span<float> gradient) {
    assert(target >= 0 && static_cast<std::size_t>(target) < logits.size() && gradient.size() == logits.size());
    const double largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double sum = 0;
    for (const float x : logits) sum += std::exp(static_cast<double>(x) - largest);
    for (std::size_t i = 0; i < logits.size(); ++i)
        gradient[i] = static_cast<float>(std::exp(static_cast<double>(logits[i]) - largest) / sum);
    gradient[static_cast<std::size_t>(target)] -= 1.0F;
    return std::log(sum) + largest - static_cast<double>(logits[static_cast<std::size_t>(target)]);
}

double squared_error(float value, float target, float& gradient) {
    const float difference = value - target;
    gradient = 2.0F * difference;
    return static_cast<double>(difference) * static_cast<double>(difference);
}

}  // namespace convlens
