/// The branches of a LaneNet: joins, forks, and buffers that share memory.
#include <algorithm>

#include "engine/nn/graph.h"
#include "engine/train/lane_net.h"

namespace convlens {
namespace {

/// Calls body(i, c, y, x) for each value (c, y, x) of an output; i is its index.
template <class Body>
void for_values(const Shape& out, const Body& body) {
    std::size_t i = 0;
    for (int c = 0; c < out.c; ++c)
        for (int y = 0; y < out.h; ++y)
            for (int x = 0; x < out.w; ++x, ++i) body(i, c, y, x);
}

}  // namespace

void LaneNet::add_join(Graph& graph, int index, Step step) {
    step.kind = Step::Kind::join;
    step.rule = join_of(graph.layers[static_cast<std::size_t>(index)].operation);
    const std::vector<Shape> shapes = input_shapes(graph.layers, index, graph.shapes);
    const std::vector<int> inputs = inputs_of(graph.layers, index);
    std::size_t first = 0;
    for (std::size_t k = 0; k < shapes.size(); ++k) {
        const Shape& in = shapes[k];
        step.sources.push_back({graph.buffers[static_cast<std::size_t>(inputs[k] + 1)], in, first, false});
        first += in.count();
    }
    step.to = graph.buffers[static_cast<std::size_t>(index) + 1] = new_buffer(step.out.count() * lane_images);
    steps_.push_back(std::move(step));
}

void LaneNet::finish() {
    std::vector<bool> written(buffers_.size());
    std::vector<std::size_t> last_use(buffers_.size());
    const auto reads = [&](int buffer, std::size_t step, bool& adds) {
        const auto b = static_cast<std::size_t>(buffer);
        adds = written[b];
        written[b] = true;
        last_use[b] = std::max(last_use[b], step);
    };
    written[static_cast<std::size_t>(last_buffer_)] = true;
    for (std::size_t i = steps_.size(); i-- > 0;) {  // in the order in which gradients are computed
        Step& s = steps_[i];
        for (Source& source : s.sources) reads(source.buffer, i, source.adds);
        if (s.kind != Step::Kind::join && s.from != s.to) reads(s.from, i, s.adds);
        for (const int b : {s.from, s.to, s.padded})
            if (b >= 0) last_use[static_cast<std::size_t>(b)] = std::max(last_use[static_cast<std::size_t>(b)], i);
    }
    last_use[static_cast<std::size_t>(last_buffer_)] = steps_.size();

    slot_of_.assign(buffers_.size(), -1);
    std::vector<int> free;
    const auto take = [&](int buffer) {
        int& slot = slot_of_[static_cast<std::size_t>(buffer)];
        if (slot >= 0) return;
        const std::size_t size = buffers_[static_cast<std::size_t>(buffer)];
        const auto best =
            std::ranges::max_element(free, {}, [&](int s) { return slot_sizes_[static_cast<std::size_t>(s)]; });
        if (best != free.end()) {
            slot = *best;
            free.erase(best);
        } else {
            slot = static_cast<int>(slot_sizes_.size());
            slot_sizes_.push_back(0);
        }
        std::size_t& has = slot_sizes_[static_cast<std::size_t>(slot)];
        has = std::max(has, size);
    };
    take(0);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        if (steps_[i].padded >= 0) take(steps_[i].padded);
        take(steps_[i].to);
        for (std::size_t b = 0; b < buffers_.size(); ++b)
            if (slot_of_[b] >= 0 && last_use[b] == i) free.push_back(slot_of_[b]), last_use[b] = steps_.size();
    }
}

void LaneNet::join_forward(const Step& step, std::span<float* const> at) const {
    float* const to = at[static_cast<std::size_t>(step.to)];
    for (const Source& source : step.sources) {
        const float* const from = at[static_cast<std::size_t>(source.buffer)];
        const bool begins = &source == step.sources.data();
        if (step.rule == JoinRule::concat) {
            std::copy_n(from, source.shape.count() * lane_images, to + source.first * lane_images);
            continue;
        }
        for_values(step.out, [&](std::size_t i, int c, int y, int x) {
            const float* const read = from + source.index(c, y, x) * lane_images;
            float* const written = to + i * lane_images;
            if (begins)
                std::copy_n(read, lane_images, written);
            else if (step.rule == JoinRule::sum)
                for (std::size_t l = 0; l < lane_images; ++l) written[l] += read[l];
            else
                for (std::size_t l = 0; l < lane_images; ++l) written[l] *= read[l];
        });
    }
}

void LaneNet::join_backward(const Step& step, Workspace& w, bool input_gradient) const {
    const float* const by_output = w.gradients[static_cast<std::size_t>(step.to)].data();
    for (const Source& source : step.sources) {
        if (source.buffer == 0 && !input_gradient) continue;
        Tensor& gradient = w.gradients[static_cast<std::size_t>(source.buffer)];
        if (!source.adds) std::ranges::fill(gradient.values(), 0.0F);
        float* const to = gradient.data();
        if (step.rule == JoinRule::concat) {
            const float* from = by_output + source.first * lane_images;
            for (std::size_t i = 0; i < source.shape.count() * lane_images; ++i) to[i] += from[i];
            continue;
        }
        for_values(step.out, [&](std::size_t i, int c, int y, int x) {
            float part[lane_images];
            std::copy_n(by_output + i * lane_images, lane_images, part);
            if (step.rule == JoinRule::product)
                for (const Source& other : step.sources) {
                    if (&other == &source) continue;
                    const float* read =
                        w.at[static_cast<std::size_t>(other.buffer)] + other.index(c, y, x) * lane_images;
                    for (std::size_t l = 0; l < lane_images; ++l) part[l] *= read[l];
                }
            float* const sum = to + source.index(c, y, x) * lane_images;
            for (std::size_t l = 0; l < lane_images; ++l) sum[l] += part[l];
        });
    }
}

}  // namespace convlens
