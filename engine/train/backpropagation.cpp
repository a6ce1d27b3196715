/// Forward passes with the loops of the CPU backend, backward passes layer by layer.
#include "engine/train/backpropagation.h"

#include <algorithm>
#include <cassert>
#include <vector>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/layers_cpu.h"
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
    std::vector<Shape> shapes;  ///< Of the input and of all outputs.
    std::shared_ptr<const Tensor> input;
    std::vector<Tensor> outputs;
    std::vector<Work> work;
    std::shared_ptr<Conv2dMemory> memory = make_conv2d_memory();

    /// Computes the gradient by the input of layer `i`.
    void step(std::size_t i, const Tensor& from, const Tensor& by_output, ReluRule rule, Tensor& by_input) {
        Work& w = work[i];
        const Operation& operation = network.layers[i].operation;
        if (const auto* conv = std::get_if<Conv2d>(&operation)) {
            if (!w.conv) {
                w.conv = std::make_unique<Conv2dBackward>(*conv, shapes[i], simd);
                w.conv->pack(*conv->weight);
            }
            return w.conv->run_input(by_output, by_input);
        }
        if (const auto* linear = std::get_if<Linear>(&operation)) return linear_backward(*linear, by_output, by_input);
        if (!w.other) {
            w.other = std::make_unique<LayerGradient>(spec_of(operation), shapes[i]);
            w.arrays = arrays_of(network.layers[i]);
        }
        const std::size_t in = shapes[i].count() / static_cast<std::size_t>(shapes[i].n),
                          out = shapes[i + 1].count() / static_cast<std::size_t>(shapes[i].n);
        parallel_for(shapes[i].n, [&](int image) {
            const auto n = static_cast<std::size_t>(image);
            w.other->backward(1, w.arrays, from.data() + n * in, outputs[i].data() + n * out,
                              by_output.data() + n * out, by_input.data() + n * in, {}, rule);
        });
    }
};

Backpropagation::Backpropagation(std::unique_ptr<State> state) : state_(std::move(state)) {}
Backpropagation::~Backpropagation() = default;
Backpropagation::Backpropagation(Backpropagation&&) noexcept = default;
Backpropagation& Backpropagation::operator=(Backpropagation&&) noexcept = default;

Expected<Backpropagation> Backpropagation::make(Network network, const Shape& input, const Simd& simd) {
    auto state = std::make_unique<State>(State{std::move(network), simd, {input}, nullptr, {}, {}});
    std::size_t bytes = input.count() * sizeof(float);
    for (const Layer& layer : state->network.layers) {
        if (auto ok = check_gradient({layer.name, spec_of(layer.operation)}); !ok) return tl::unexpected(ok.error());
        const auto shape = output_shape(layer, state->shapes.back());
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
        const Tensor& from = value(static_cast<int>(i));
        Tensor to(s.shapes[i + 1]);
        bool done = false;
        if (const auto* conv = std::get_if<Conv2d>(&operation)) {
            auto& plan = s.work[i].plan;
            if (!plan) plan = std::make_unique<Conv2dPlan>(*conv, s.shapes[i], s.simd, s.memory);
            done = plan->run(from, cancel, to, {});
        } else {
            done = layer_forward(operation, s.simd, from, cancel, to);
        }
        if (!done) return canceled();
        s.outputs.push_back(std::move(to));
    }
    return {};
}

const Tensor& Backpropagation::value(int layer) const {
    return layer == 0 ? *state_->input : state_->outputs[static_cast<std::size_t>(layer) - 1];
}

Expected<Tensor> Backpropagation::backward(int layer, Tensor output_gradient, ReluRule rule, const Cancel& cancel) {
    State& s = *state_;
    assert(output_gradient.shape() == s.shapes.back());
    Tensor gradient = std::move(output_gradient);
    for (int i = static_cast<int>(s.network.layers.size()) - 1; i >= layer; --i) {
        if (cancel.requested()) return canceled();
        Tensor next(s.shapes[static_cast<std::size_t>(i)]);
        s.step(static_cast<std::size_t>(i), value(i), gradient, rule, next);
        gradient = std::move(next);
    }
    return gradient;
}

}  // namespace convlens
