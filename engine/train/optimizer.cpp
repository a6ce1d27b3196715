/// SGD and Adam.
#include "engine/train/optimizer.h"

#include <array>
#include <cassert>
#include <cmath>

#include "engine/core/named.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 2> names{"sgd", "adam"};

void sgd(const OptimizerOptions& o, std::span<const float> gradient, std::span<float> parameters,
         OptimizerState& state) {
    const bool first = state.steps == 0;  // the momentum buffer starts as the first gradient
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const float g = gradient[i] + o.weight_decay * parameters[i];
        state.first[i] = first ? g : o.momentum * state.first[i] + g;
        parameters[i] -= o.learning_rate * state.first[i];
    }
}

void adam(const OptimizerOptions& o, std::span<const float> gradient, std::span<float> parameters,
          OptimizerState& state) {
    constexpr float beta1 = 0.9F, beta2 = 0.999F, eps = 1e-8F;
    const auto step = static_cast<double>(state.steps + 1);
    const auto rate = static_cast<float>(static_cast<double>(o.learning_rate) / (1.0 - std::pow(0.9, step)));
    const auto correction = static_cast<float>(std::sqrt(1.0 - std::pow(0.999, step)));
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        const float g = gradient[i] + o.weight_decay * parameters[i];
        state.first[i] = beta1 * state.first[i] + (1.0F - beta1) * g;
        state.second[i] = beta2 * state.second[i] + (1.0F - beta2) * g * g;
        parameters[i] -= rate * state.first[i] / (std::sqrt(state.second[i]) / correction + eps);
    }
}

}  // namespace

std::span<const std::string_view> optimizer_names() { return names; }
std::string_view to_string(Optimizer optimizer) { return names[static_cast<std::size_t>(optimizer)]; }
std::optional<Optimizer> optimizer_from(std::string_view name) { return named<Optimizer>(names, name); }

void optimize(const OptimizerOptions& options, std::span<const float> gradient, std::span<float> parameters,
              OptimizerState& state) {
    assert(gradient.size() == parameters.size());
    if (state.of != options.optimizer || state.first.size() != parameters.size()) {
        state = {options.optimizer, 0, std::vector<float>(parameters.size(), 0.0F), {}};
        if (options.optimizer == Optimizer::adam) state.second.assign(parameters.size(), 0.0F);
    }
    (options.optimizer == Optimizer::sgd ? sgd : adam)(options, gradient, parameters, state);
    ++state.steps;
}

}  // namespace convlens
