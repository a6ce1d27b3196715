/// Layers that compute each value from the value at the same place.
#include "engine/cpu/point_step.h"

#include <cmath>
#include <limits>
#include <variant>

#include "engine/core/overloaded.h"
#include "engine/cpu/simd.h"

namespace convlens {

std::optional<PointStep> PointStep::of(const Operation& layer) {
    const auto range = [](float low, float high) {
        PointStep step;
        step.low_ = low;
        step.high_ = high;
        return std::optional(std::move(step));
    };
    return std::visit(
        Overloaded{[&](const ReLU& /*relu*/) { return range(0, std::numeric_limits<float>::infinity()); },
                   [&](const ReLU6& /*relu*/) { return range(0, 6); },
                   [&](const Hardtanh& tanh) { return range(tanh.min_val, tanh.max_val); },
                   [](const BatchNorm2d& norm) {
                       std::optional<PointStep> step(std::in_place);
                       for (std::size_t c = 0; c < norm.running_mean->size(); ++c) {
                           const double deviation = std::sqrt(static_cast<double>((*norm.running_var)[c]) +
                                                              static_cast<double>(norm.spec.eps));
                           const float weight = norm.weight ? (*norm.weight)[c] : 1.0F;
                           step->channels_.push_back({(*norm.running_mean)[c],
                                                      static_cast<float>(static_cast<double>(weight) / deviation),
                                                      norm.bias ? (*norm.bias)[c] : 0.0F});
                       }
                       return step;
                   },
                   [](const auto& /*other*/) { return std::optional<PointStep>(); }},
        layer);
}

void PointStep::run(const Simd& simd, int channel, const float* from, std::size_t count, float* to) const {
    if (channels_.empty()) return simd.point.clamp(from, count, low_, high_, to);
    const Scale& scale = channels_[static_cast<std::size_t>(channel)];
    simd.point.scale(from, count, scale.mean, scale.factor, scale.bias, to);
}

void PointTail::run(const Simd& simd, const Tensor& from, int n, int channel, std::size_t first,
                    std::size_t count) const {
    const float* values = from.plane(n, channel).data() + first;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        float* const to = outputs[i]->plane(n, channel).data() + first;
        steps[i].run(simd, channel, values, count, to);
        values = to;
    }
}

}  // namespace convlens
