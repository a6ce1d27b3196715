/// FGSM and PGD.
#include "engine/attribute/fooling.h"

#include <algorithm>
#include <cmath>

#include "engine/attribute/target.h"
#include "engine/train/backpropagation.h"

namespace convlens {

std::vector<double> probabilities(const Tensor& output) {
    std::vector<double> scores;
    for (int c = 0; c < output.shape().c; ++c) {
        double sum = 0;
        for (const float v : output.plane(0, c)) sum += static_cast<double>(v);
        scores.push_back(sum / static_cast<double>(output.shape().plane()));
    }
    if (scores.size() == 1) scores.insert(scores.begin(), 0.0);  // softmax of 0 and x: the sigmoid of x
    const double largest = *std::ranges::max_element(scores);
    double sum = 0;
    for (double& v : scores) sum += v = std::exp(v - largest);
    for (double& v : scores) v /= sum;
    return scores;
}

Network class_scores(Network network) {
    auto& layers = network.layers;
    while (layers.size() > 1 && (std::holds_alternative<ReLU>(layers.back().operation) ||
                                 std::holds_alternative<Sigmoid>(layers.back().operation) ||
                                 std::holds_alternative<Softmax>(layers.back().operation)))
        drop_last(network);
    return network;
}

Expected<Fooled> fool(const Network& network, std::shared_ptr<const Tensor> input, Normalize normalize,
                      const FoolingOptions& options, const Simd& simd, const Cancel& cancel) {
    const Shape in = input->shape();
    auto pass = Backpropagation::make(class_scores(network), in, simd);
    if (!pass) return tl::unexpected(pass.error());
    const int last = static_cast<int>(pass->network().layers.size());
    if (auto ok = pass->forward(input, cancel); !ok) return tl::unexpected(ok.error());
    Fooled result{input->clone(), probabilities(pass->value(last)), {}};
    const int classes = static_cast<int>(result.before.size());
    if (options.wanted && (*options.wanted < 0 || *options.wanted >= classes))
        return fail("class {} does not exist: the network has classes 0 to {}", *options.wanted, classes - 1);
    const auto original = static_cast<int>(std::ranges::max_element(result.before) - result.before.begin());
    const int subject = options.wanted.value_or(original);
    const float direction = options.wanted ? -1.0F : 1.0F;
    const float size = options.epsilon / 255,
                step = options.steps == 1 ? size : 2.5F * size / static_cast<float>(options.steps);
    for (int i = 0; i < options.steps; ++i) {
        const Shape out = pass->value(last).shape();
        const std::vector<double> now = probabilities(pass->value(last));
        Tensor by_output(out);
        for (int c = 0; c < out.c; ++c) {
            const std::size_t k = out.c == 1 ? 1 : static_cast<std::size_t>(c);
            const double g = now[k] - (static_cast<int>(k) == subject ? 1 : 0);  // of the cross entropy
            for (float& v : by_output.plane(0, c)) v = static_cast<float>(g / static_cast<double>(out.plane()));
        }
        const auto gradient = pass->backward(0, std::move(by_output), ReluRule::gradient, cancel);
        if (!gradient) return tl::unexpected(gradient.error());
        Tensor next(in);
        for (int c = 0; c < in.c; ++c) {
            const Levels levels = levels_of(normalize, c, in.c);
            for (std::size_t k = 0; k < in.plane(); ++k) {
                const float g = gradient->plane(0, c)[k] * direction;
                const float sign = g > 0 ? 1.0F : g < 0 ? -1.0F : 0.0F;
                const float first = input->plane(0, c)[k];
                const float lowest = std::max(levels(0), first - size / levels.deviation),
                            highest = std::min(levels(1), first + size / levels.deviation);
                const float moved = result.input.plane(0, c)[k] + sign * step / levels.deviation;
                // An input that is no image may lie outside of its colors; then it stays.
                next.plane(0, c)[k] = lowest <= highest ? std::clamp(moved, lowest, highest) : first;
            }
        }
        result.input = next.clone();
        if (auto ok = pass->forward(std::make_shared<const Tensor>(std::move(next)), cancel); !ok)
            return tl::unexpected(ok.error());
        cancel.report(static_cast<float>(i + 1) / static_cast<float>(options.steps));
    }
    result.after = probabilities(pass->value(last));
    return result;
}

}  // namespace convlens
