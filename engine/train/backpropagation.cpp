/// Forward passes with the loops of the CPU backend, backward passes layer by layer.
#include "engine/train/backpropagation.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/layers_cpu.h"
#include "engine/nn/graph.h"
#include "engine/train/backward.h"

namespace convlens {
namespace {

constexpr std::size_t linear_grain = 4096;  ///< Inputs of a Linear layer whose gradients one task computes.

/// Computes the gradient by the input of a Linear layer: the rows of the weight, weighted by `by_output`, summed.
void linear_backward(const Linear& layer, const Tensor& by_output, Tensor& by_input) {
    const auto inputs = static_cast<std::size_t>(layer.spec.in_features),
               outputs = static_cast<std::size_t>(layer.spec.out_features);
    parallel_ranges(inputs, linear_grain, [&](std::size_t begin, std::size_t end) {
        for (int n = 0; n < by_input.shape().n; ++n) {
            float* const to = by_input.data() + static_cast<std::size_t>(n) * inputs;
            std::fill(to + begin, to + end, 0.0F);
            for (std::size_t o = 0; o < outputs; ++o) {
                const float g = by_output.data()[static_cast<std::size_t>(n) * outputs + o];
                if (g == 0) continue;  // as for all units that a ReLU has stopped
                const float* row = layer.weight->data() + o * inputs;
                for (std::size_t i = begin; i < end; ++i) to[i] += g * row[i];
            }
        }
    });
}

}  // namespace

struct Backpropagation::State {
    /// What one layer needs; made when it is first used.
    struct Work {
        std::unique_ptr<Conv2dPlan> plan;
        std::unique_ptr<Conv2dBackward> conv;
        std::unique_ptr<LayerGradient> other;
        std::vector<float> arrays;  ///< Of `other`.
    };

    Network network;
    const Simd& simd;
    std::vector<Shape> shapes;             ///< Of the input and of all outputs.
    std::vector<std::vector<int>> inputs;  ///< Of each layer.
    std::shared_ptr<const Tensor> input;
    std::vector<Tensor> outputs;
    std::vector<Work> work;
    std::shared_ptr<Conv2dMemory> memory = make_conv2d_memory();

    const Tensor& value(int layer) const { return layer < 0 ? *input : outputs[static_cast<std::size_t>(layer)]; }
    const Shape& shape(int layer) const { return shapes[static_cast<std::size_t>(layer + 1)]; }

    /// Computes the gradient by the input of layer `i`, which has one.
    void step(std::size_t i, const Tensor& by_output, ReluRule rule, Tensor& by_input) {
        Work& w = work[i];
        const Operation& operation = network.layers[i].operation;
        const int source = inputs[i].front();
        if (const auto* conv = std::get_if<Conv2d>(&operation)) {
            if (!w.conv) {
                w.conv = std::make_unique<Conv2dBackward>(*conv, shape(source), simd);
                w.conv->pack(*conv->weight);
            }
            return w.conv->run_input(by_output, by_input);
        }
        if (const auto* linear = std::get_if<Linear>(&operation)) return linear_backward(*linear, by_output, by_input);
        if (is_join(spec_of(operation))) {
            std::ranges::copy(by_output.values(), by_input.values().begin());
            return;
        }
        if (!w.other) {
            w.other = std::make_unique<LayerGradient>(spec_of(operation), shape(source));
            w.arrays = arrays_of(network.layers[i]);
        }
        const Tensor& from = value(source);
        const Shape& s = shape(source);
        const std::size_t in = s.count() / static_cast<std::size_t>(s.n),
                          out = shapes[i + 1].count() / static_cast<std::size_t>(s.n);
        parallel_for(s.n, [&](int image) {
            const auto n = static_cast<std::size_t>(image);
            w.other->backward(1, w.arrays, from.data() + n * in, outputs[i].data() + n * out,
                              by_output.data() + n * out, by_input.data() + n * in, {}, rule);
        });
    }

    /// Computes the gradient by input `k` of layer `i`, which has several: by_input(source) is the sum over the
    /// outputs that read the source, of their gradients times the other factors of a product.
    void join_step(std::size_t i, std::size_t k, const Tensor& by_output, Tensor& by_input) const {
        const JoinRule rule = join_of(spec_of(network.layers[i].operation));
        std::vector<Shape> read;
        for (const int from : inputs[i]) read.push_back(shape(from));
        const Shape& out = by_output.shape();
        std::ranges::fill(by_input.values(), 0.0F);
        parallel_for(out.n, [&](int n) {
            for (int c = 0; c < out.c; ++c)
                for (int y = 0; y < out.h; ++y)
                    for (int x = 0; x < out.w; ++x) {
                        const auto to = source_of(rule, read, k, {c, y, x});
                        if (!to) continue;
                        float g = by_output.at(n, c, y, x);
                        for (std::size_t other = 0; rule == JoinRule::product && other < read.size(); ++other) {
                            if (other == k) continue;
                            const PixelPosition from = *source_of(rule, read, other, {c, y, x});
                            g *= value(inputs[i][other]).at(n, from.channel, from.y, from.x);
                        }
                        by_input.at(n, to->channel, to->y, to->x) += g;
                    }
        });
    }
};

Backpropagation::Backpropagation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Backpropagation::~Backpropagation() = default;
Backpropagation::Backpropagation(Backpropagation&&) noexcept = default;
Backpropagation& Backpropagation::operator=(Backpropagation&&) noexcept = default;

Expected<Backpropagation> Backpropagation::make(Network network, const Shape& input, const Simd& simd) {
    auto state = std::make_unique<State>(State{std::move(network), simd, {input}, {}, nullptr, {}, {}});
    std::size_t bytes = input.count() * sizeof(float);
    const auto& layers = state->network.layers;
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
        const Layer& layer = layers[static_cast<std::size_t>(i)];
        const LayerSpec spec{layer.name, spec_of(layer.operation)};
        if (auto ok = is_join(spec.operation) ? Expected<void>() : check_gradient(spec); !ok)
            return tl::unexpected(ok.error());
        state->inputs.push_back(inputs_of(layers, i));
        const auto shape = output_shape(layer, input_shapes(layers, i, state->shapes));
        if (!shape) return tl::unexpected(shape.error());
        const std::size_t here = shape->count() * sizeof(float);
        if (here > memory_limit() / 8 || bytes > memory_limit() / 8 - here)  // values, gradients, strips
            return fail("{}: gradients by the input {} need more than half of the memory ({}): use a smaller image",
                        layer.name, to_string(input), memory_in_words());
        bytes += here;
        state->shapes.push_back(*shape);
    }
    state->work.resize(state->network.layers.size());
    return Backpropagation(std::move(state));
}

const Network& Backpropagation::network() const { return state_->network; }

Expected<void> Backpropagation::forward(std::shared_ptr<const Tensor> input, const Cancel& cancel) {
    State& s = *state_;
    assert(input->shape() == s.shapes.front());
    if (input != s.input) s.outputs.clear();
    s.input = std::move(input);
    for (std::size_t i = s.outputs.size(); i < s.network.layers.size(); ++i) {
        const Operation& operation = s.network.layers[i].operation;
        std::vector<const Tensor*> from;
        for (const int source : s.inputs[i]) from.push_back(&s.value(source));
        Tensor to(s.shapes[i + 1]);
        bool done = false;
        if (const auto* conv = std::get_if<Conv2d>(&operation)) {
            auto& plan = s.work[i].plan;
            if (!plan) plan = std::make_unique<Conv2dPlan>(*conv, from.front()->shape(), s.simd, s.memory);
            done = plan->run(*from.front(), cancel, to, {});
        } else {
            done = layer_forward(operation, s.simd, from, cancel, to);
        }
        if (!done) return canceled();
        s.outputs.push_back(std::move(to));
    }
    return {};
}

const Tensor& Backpropagation::value(int layer) const { return state_->value(layer - 1); }

Expected<Tensor> Backpropagation::backward(int layer, Tensor output_gradient, ReluRule rule, const Cancel& cancel) {
    State& s = *state_;
    assert(output_gradient.shape() == s.shapes.back());
    const auto at = [](int i) { return static_cast<std::size_t>(i + 1); };
    std::vector<Tensor> gradients(s.shapes.size());  // by the input and by each output; empty if there is none yet
    gradients.back() = std::move(output_gradient);
    for (int i = static_cast<int>(s.network.layers.size()) - 1; i >= layer; --i) {
        if (cancel.requested()) return canceled();
        const Tensor by_output = std::move(gradients[at(i)]);
        if (by_output.size() == 0) continue;
        const std::vector<int>& inputs = s.inputs[static_cast<std::size_t>(i)];
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            if (inputs[k] + 1 < layer) continue;
            Tensor next(s.shape(inputs[k]));
            if (inputs.size() > 1)
                s.join_step(static_cast<std::size_t>(i), k, by_output, next);
            else
                s.step(static_cast<std::size_t>(i), by_output, rule, next);
            Tensor& sum = gradients[at(inputs[k])];
            if (sum.size() == 0) {
                sum = std::move(next);
            } else {  // several layers read this output
                float* to = sum.data();
                for (const float g : next.values()) *to++ += g;
            }
        }
    }
    Tensor& result = gradients[static_cast<std::size_t>(layer)];
    return result.size() > 0 ? std::move(result) : Tensor(s.shapes[static_cast<std::size_t>(layer)], 0.0F);
}

}  // namespace convlens
