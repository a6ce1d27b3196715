/// Networks on blocks of sixteen interleaved images.
#include "engine/train/lane_net.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "engine/core/overloaded.h"
#include "engine/cpu/simd.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

constexpr std::ptrdiff_t L = lane_images;
constexpr std::size_t max_block_floats = std::size_t{1} << 28;

std::size_t floats_of(const Shape& s) { return Shape{1, s.c, s.h, s.w}.count() * static_cast<std::size_t>(L); }

/// Calls body(source, target) for each value of the padded planes: `target` is its index there, `source` the index in
/// the original planes, or -1 for a zero.
template <class Body>
void for_padded(const Shape& in, const Padding& pad, PaddingMode mode, const Body& body) {
    const int height = in.h + pad.top + pad.bottom, width = in.w + pad.left + pad.right;
    std::ptrdiff_t target = 0;
    for (int c = 0; c < in.c; ++c)
        for (int y = 0; y < height; ++y) {
            const int from_y = padded_source(mode, y - pad.top, in.h);
            for (int x = 0; x < width; ++x, ++target) {
                const int from_x = padded_source(mode, x - pad.left, in.w);
                body(from_y < 0 || from_x < 0 ? -1 : (static_cast<std::ptrdiff_t>(c) * in.h + from_y) * in.w + from_x,
                     target);
            }
        }
}

}  // namespace

LaneNet::LaneNet(const LaneNet& other) { *this = other; }

LaneNet& LaneNet::operator=(const LaneNet& other) {
    input_ = other.input_, output_ = other.output_;
    steps_ = other.steps_, slots_ = other.slots_;
    parameter_count_ = other.parameter_count_, scratch_size_ = other.scratch_size_;
    buffers_ = other.buffers_, last_buffer_ = other.last_buffer_;
    slot_of_ = other.slot_of_, slot_sizes_ = other.slot_sizes_;
    packed_ = std::make_shared<Packed>();
    workspaces_ = std::make_shared<Workspaces>();
    block_gradients_.clear();
    return *this;
}

Expected<LaneNet> LaneNet::make(const std::vector<LayerSpec>& layers, const Shape& item, bool gradients) {
    LaneNet net;
    net.input_ = {1, item.c, item.h, item.w};
    const int last = static_cast<int>(layers.size()) - 1;
    Graph graph{layers, {net.input_}, std::vector<int>(layers.size() + 1), std::vector<int>(layers.size() + 1)};
    graph.buffers[0] = net.new_buffer(floats_of(net.input_));
    if (last >= 0) {
        auto shapes = shapes_for(layers, net.input_, last);
        if (!shapes) return tl::unexpected(shapes.error());
        graph.shapes = std::move(*shapes);
        const std::vector<bool> needed = needed_for(layers, last);
        for (int i = 0; i <= last; ++i)
            for (const int from : inputs_of(layers, i))
                graph.readers[static_cast<std::size_t>(from + 1)] += needed[static_cast<std::size_t>(i)];
        for (int i = 0; i <= last; ++i) {
            const LayerSpec& layer = layers[static_cast<std::size_t>(i)];
            if (!needed[static_cast<std::size_t>(i)]) {
                Step unused;
                net.add_arrays(unused, layer);
                continue;
            }
            if (auto ok = net.add(graph, i); !ok) return tl::unexpected(ok.error());
            std::size_t total = 0;
            for (const std::size_t size : net.buffers_) total += size;
            if (gradients && total > max_block_floats)
                return fail("{}: the gradients of {} images need more than a gigabyte for the layer's results",
                            layer.name, lane_images);
        }
    }
    net.last_buffer_ = graph.buffers.back();
    net.output_ = graph.shapes.back();
    net.finish();
    std::size_t total = 0;
    for (const std::size_t size : net.slot_sizes_) total += size;
    if (last >= 0 && total > max_block_floats)
        return fail("{}: the results of {} images need more than a gigabyte", layers.back().name, lane_images);
    return net;
}

int LaneNet::new_buffer(std::size_t values) {
    buffers_.push_back(values);
    return static_cast<int>(buffers_.size()) - 1;
}

Expected<void> LaneNet::add(Graph& graph, int index) {
    const LayerSpec& layer = graph.layers[static_cast<std::size_t>(index)];
    const std::vector<int> inputs = inputs_of(graph.layers, index);
    const auto source = static_cast<std::size_t>(inputs.front() + 1), place = static_cast<std::size_t>(index) + 1;
    const Shape shape = graph.shapes[source];
    Step step;
    step.in = shape, step.out = graph.shapes[place];
    step.from = step.to = graph.buffers[place] = graph.buffers[source];
    if (is_join(layer.operation) && inputs.size() == 1) return {};
    if (floats_of(step.out) > max_block_floats)
        return fail("{}: the output {} is too large for gradients", layer.name, to_string(step.out));
    if (is_join(layer.operation)) return add_join(graph, index, std::move(step)), Expected<void>();
    if (auto ok = check_gradient(layer); !ok) return ok;
    const auto* before = inputs.front() < 0 ? nullptr : &graph.layers[static_cast<std::size_t>(inputs.front())];
    const bool in_place = before && graph.readers[source] == 1 &&
                          (std::holds_alternative<Conv2dSpec>(before->operation) ||
                           std::holds_alternative<LinearSpec>(before->operation));
    std::visit(Overloaded{[&](const Conv2dSpec& s) {
                              step.padding = resolve_padding(s.params, s.kernel_size);
                              step.padding_mode = s.params.padding_mode;
                              const Size2 padded{shape.h + step.padding.top + step.padding.bottom,
                                                 shape.w + step.padding.left + step.padding.right};
                              if (padded != Size2{shape.h, shape.w})
                                  step.padded = new_buffer(floats_of({1, shape.c, padded.h, padded.w}));
                              add_conv(step, layer,
                                       {s.in_channels, s.out_channels, s.kernel_size, s.params.stride,
                                        s.params.dilation, s.params.groups, s.params.flip, padded});
                          },
                          [&](const LinearSpec& s) {
                              add_conv(step, layer, {s.in_features, s.out_features});
                          },
                          [&](const ReLU&) { step.kind = Step::Kind::relu; },
                          [&](const MaxPool2d& s) { step.kind = Step::Kind::pool, add_windows(step, s); },
                          [&](const auto& s) { step.other.emplace(s, shape), add_arrays(step, layer); }},
               layer.operation);
    if (step.other && step.other->passes()) return {};
    if (step.kind != Step::Kind::relu || !in_place) step.to = graph.buffers[place] = new_buffer(floats_of(step.out));
    steps_.push_back(std::move(step));
    return {};
}

void LaneNet::add_conv(Step& step, const LayerSpec& layer, const LaneConvShape& shape) {
    step.kind = Step::Kind::conv;
    step.conv.emplace(shape);
    scratch_size_ = std::max(scratch_size_, step.conv->scratch_size());
    add_arrays(step, layer);
}

void LaneNet::add_arrays(Step& step, const LayerSpec& layer) {
    if (step.other) step.weight = parameter_count_;
    for (const ParameterSpec& p : convlens::parameters_of(layer.operation)) {
        std::size_t count = 1;
        for (const std::int64_t extent : p.shape) count *= static_cast<std::size_t>(extent);
        if (step.other) {
            step.weight_count += count;
        } else {
            (p.name == "weight" ? step.weight : step.bias) = parameter_count_;
            (p.name == "weight" ? step.weight_count : step.bias_count) = count;
        }
        slots_.push_back({layer.name + "." + p.name, p.shape, parameter_count_, count});
        parameter_count_ += count;
    }
}

void LaneNet::add_windows(Step& step, const MaxPool2d& pool) const {
    for (int y = 0; y < step.out.h; ++y)
        for (int x = 0; x < step.out.w; ++x) {
            for (int i = 0; i < pool.kernel_size.h; ++i)
                for (int j = 0; j < pool.kernel_size.w; ++j) {
                    const int from_y = y * pool.stride.h - pool.padding.h + i * pool.dilation.h;
                    const int from_x = x * pool.stride.w - pool.padding.w + j * pool.dilation.w;
                    if (from_y >= 0 && from_y < step.in.h && from_x >= 0 && from_x < step.in.w)
                        step.window_offsets.push_back((static_cast<std::ptrdiff_t>(from_y) * step.in.w + from_x) * L);
                }
            step.window_ends.push_back(static_cast<int>(step.window_offsets.size()));
        }
}

std::vector<float> LaneNet::flatten(const ParameterMap& parameters) const {
    std::vector<float> row(parameter_count_);
    for (const ParameterSlot& slot : slots_) {
        const Parameter& p = parameters.at(slot.name);
        assert(p.shape == slot.shape);
        std::copy_n(p.data().begin(), slot.count, row.begin() + static_cast<std::ptrdiff_t>(slot.offset));
    }
    return row;
}

ParameterMap LaneNet::unflatten(std::span<const float> parameters) const {
    assert(parameters.size() == parameter_count_);
    ParameterMap map;
    for (const ParameterSlot& slot : slots_) {
        const auto values = parameters.subspan(slot.offset, slot.count);
        map.emplace(slot.name, make_parameter(slot.shape, {values.begin(), values.end()}));
    }
    return map;
}

LaneNet::Packed& LaneNet::pack(std::span<const float> parameters, bool backward) {
    assert(parameters.size() == parameter_count_);
    packed_->forward.resize(steps_.size());
    packed_->backward.resize(steps_.size());
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (!steps_[i].conv) continue;
        const auto weight = parameters.subspan(steps_[i].weight, steps_[i].weight_count);
        steps_[i].conv->pack_forward(weight, packed_->forward[i]);
        if (backward) steps_[i].conv->pack_backward(weight, packed_->backward[i]);
    }
    return *packed_;
}

LaneNet::Workspace& LaneNet::workspace(bool backward) {
    Workspace& w = workspaces_->local();
    const auto tensor = [](std::size_t size) {
        return Tensor(Shape{1, static_cast<int>(size / static_cast<std::size_t>(L)), 1, lane_images});
    };
    const auto allocate = [&](std::vector<Tensor>& to, const std::vector<std::size_t>& sizes) {
        if (!to.empty()) return;
        std::vector<Tensor> all;  // none is kept if there is no memory for one of them
        for (const std::size_t size : sizes) all.push_back(tensor(size));
        to = std::move(all);
    };
    if (backward) w.slots.clear();
    const bool keeps_all = backward || !w.values.empty();  // a net that also trains has memory for all values
    allocate(keeps_all ? w.values : w.slots, keeps_all ? buffers_ : slot_sizes_);
    w.at.clear();
    for (std::size_t b = 0; b < buffers_.size(); ++b) {
        if (keeps_all)
            w.at.push_back(w.values[b].data());
        else
            w.at.push_back(slot_of_[b] < 0 ? nullptr : w.slots[static_cast<std::size_t>(slot_of_[b])].data());
    }
    if (!backward) return w;
    allocate(w.gradients, buffers_);
    w.scratch.reshape({1, static_cast<int>(scratch_size_ / static_cast<std::size_t>(L)), 1, lane_images});
    std::size_t part = 0;
    for (const Step& s : steps_)
        if (s.adds) part = std::max(part, buffers_[static_cast<std::size_t>(s.from)]);
    w.part.reshape({1, static_cast<int>(part / static_cast<std::size_t>(L)), 1, lane_images});
    return w;
}

void LaneNet::run_forward(const LaneLoops& loops, std::span<const float> parameters, std::span<float* const> at) const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        const Step& s = steps_[i];
        const float* from = at[static_cast<std::size_t>(s.from)];
        float* const to = at[static_cast<std::size_t>(s.to)];
        const std::size_t size = buffers_[static_cast<std::size_t>(s.to)];
        switch (s.kind) {
            case Step::Kind::conv:
                if (s.padded >= 0) {
                    float* const padded = at[static_cast<std::size_t>(s.padded)];
                    for_padded(s.in, s.padding, s.padding_mode, [&](std::ptrdiff_t source, std::ptrdiff_t target) {
                        if (source < 0)
                            std::memset(padded + target * L, 0, L * sizeof(float));
                        else
                            std::memcpy(padded + target * L, from + source * L, L * sizeof(float));
                    });
                    from = padded;
                }
                s.conv->forward(loops, from, packed_->forward[i], parameters.subspan(s.bias, s.bias_count), to);
                break;
            case Step::Kind::relu:
                if (s.to != s.from) std::memcpy(to, from, size * sizeof(float));
                loops.relu(to, static_cast<std::ptrdiff_t>(size));
                break;
            case Step::Kind::pool: {
                float* output = to;
                for (int c = 0; c < s.in.c; ++c) {
                    const float* plane = from + static_cast<std::ptrdiff_t>(c) * s.in.h * s.in.w * L;
                    int begin = 0;
                    for (const int end : s.window_ends) {
                        loops.window_max(plane, {s.window_offsets.data() + begin, end - begin}, output);
                        begin = end, output += L;
                    }
                }
                break;
            }
            case Step::Kind::other: s.other->forward(parameters.subspan(s.weight, s.weight_count), from, to); break;
            case Step::Kind::join: join_forward(s, at); break;
        }
    }
}

void LaneNet::run_backward(const LaneLoops& loops, std::span<const float> parameters, Workspace& w, bool input_gradient,
                           std::span<float> gradient) const {
    for (std::size_t i = steps_.size(); i-- > 0;) {
        const Step& s = steps_[i];
        const auto from = static_cast<std::size_t>(s.from), to = static_cast<std::size_t>(s.to);
        const bool wanted = from > 0 || input_gradient;  // whether this step's input gradient is needed
        Tensor& by_input = s.adds ? w.part : w.gradients[from];
        switch (s.kind) {
            case Step::Kind::conv: {
                const auto read = s.padded >= 0 ? static_cast<std::size_t>(s.padded) : from;
                if (!gradient.empty())
                    s.conv->backward_weight(loops, w.values[read].data(), w.gradients[to].data(),
                                            gradient.subspan(s.weight, s.weight_count),
                                            gradient.subspan(s.bias, s.bias_count));
                if (!wanted) break;
                s.conv->backward_input(loops, w.gradients[to].data(), packed_->backward[i], w.scratch.data(),
                                       s.padded >= 0 ? w.gradients[read].data() : by_input.data());
                if (s.padded < 0) break;
                float* const plain = by_input.data();
                std::memset(plain, 0, buffers_[from] * sizeof(float));
                for_padded(s.in, s.padding, s.padding_mode,
                           [&, padded = w.gradients[read].data()](std::ptrdiff_t source, std::ptrdiff_t target) {
                               if (source < 0) return;
                               for (std::ptrdiff_t l = 0; l < L; ++l) plain[source * L + l] += padded[target * L + l];
                           });
                break;
            }
            case Step::Kind::relu:
                if (to != from) std::memcpy(by_input.data(), w.gradients[to].data(), buffers_[to] * sizeof(float));
                loops.relu_backward(w.values[to].data(), by_input.data(), static_cast<std::ptrdiff_t>(buffers_[to]));
                break;
            case Step::Kind::pool: {
                std::memset(by_input.data(), 0, buffers_[from] * sizeof(float));
                const float* output = w.values[to].data();
                const float* output_gradient = w.gradients[to].data();
                for (int c = 0; c < s.in.c; ++c) {
                    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(c) * s.in.h * s.in.w * L;
                    int begin = 0;
                    for (const int end : s.window_ends) {
                        loops.window_max_backward(w.values[from].data() + plane,
                                                  {s.window_offsets.data() + begin, end - begin}, output,
                                                  output_gradient, by_input.data() + plane);
                        begin = end, output += L, output_gradient += L;
                    }
                }
                break;
            }
            case Step::Kind::other:
                s.other->backward(lane_images, parameters.subspan(s.weight, s.weight_count), w.values[from].data(),
                                  w.values[to].data(), w.gradients[to].data(), by_input.data(),
                                  gradient.empty() ? gradient : gradient.subspan(s.weight, s.weight_count));
                break;
            case Step::Kind::join: join_backward(s, w, input_gradient); break;
        }
        if (s.adds && wanted) {
            float* sum = w.gradients[from].data();
            const float* part = w.part.data();
            for (std::size_t k = 0; k < buffers_[from]; ++k) sum[k] += part[k];
        }
    }
}

void LaneNet::forward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch) {
    pack(parameters, false);
    parallel_for(batch.blocks, [&](int block) {
        const Workspace& w = workspace(false);
        batch.fill(block, w.at[0]);
        run_forward(simd.lane, parameters, w.at);
        batch.head(block, w.at[static_cast<std::size_t>(last_buffer_)], nullptr);
    });
}

void LaneNet::forward_backward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch,
                               std::span<float> gradient) {
    assert(gradient.empty() || gradient.size() == parameter_count_);
    pack(parameters, true);
    block_gradients_.resize(std::max(block_gradients_.size(), static_cast<std::size_t>(batch.blocks)));
    parallel_for(batch.blocks, [&](int block) {
        Workspace& w = workspace(true);
        batch.fill(block, w.at[0]);
        run_forward(simd.lane, parameters, w.at);
        const auto last = static_cast<std::size_t>(last_buffer_);
        batch.head(block, w.values[last].data(), w.gradients[last].data());
        auto& sums = block_gradients_[static_cast<std::size_t>(block)];
        sums.assign(gradient.size(), 0.0F);
        run_backward(simd.lane, parameters, w, static_cast<bool>(batch.input_gradient), sums);
        if (batch.input_gradient) batch.input_gradient(block, w.gradients[0].data());
    });
    std::fill(gradient.begin(), gradient.end(), 0.0F);
    for (int block = 0; block < batch.blocks; ++block) {
        const auto& sums = block_gradients_[static_cast<std::size_t>(block)];
        for (std::size_t i = 0; i < gradient.size(); ++i) gradient[i] += sums[i];
    }
}

void to_lanes(const Tensor& images, int block, float* lanes) {
    const Shape s = images.shape();
    const std::size_t size = Shape{1, s.c, s.h, s.w}.count();
    for (int l = 0; l < lane_images; ++l) {
        const int n = block * lane_images + l;
        const float* from = n < s.n ? images.data() + static_cast<std::size_t>(n) * size : nullptr;
        for (std::size_t i = 0; i < size; ++i)
            lanes[i * lane_images + static_cast<std::size_t>(l)] = from ? from[i] : 0.0F;
    }
}

void from_lanes(const float* lanes, int block, Tensor& images) {
    const Shape s = images.shape();
    const std::size_t size = Shape{1, s.c, s.h, s.w}.count();
    for (int l = 0; l < lane_images && block * lane_images + l < s.n; ++l) {
        float* to = images.data() + static_cast<std::size_t>(block * lane_images + l) * size;
        for (std::size_t i = 0; i < size; ++i) to[i] = lanes[i * lane_images + static_cast<std::size_t>(l)];
    }
}

}  // namespace convlens
