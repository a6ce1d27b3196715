/// Sixteen covered images side by side, of which only the changed parts are computed.
#include "engine/attribute/occlusion.h"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <optional>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/nn/graph.h"
#include "engine/nn/network_specs.h"
#include "engine/train/backpropagation.h"
#include "engine/train/lane_net.h"

namespace convlens {
namespace {

constexpr std::ptrdiff_t L = lane_images;
constexpr int max_positions = 65536, blocks_of_step = 4;

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// The changed values of a layer's output along one axis: for each position of the patch, `size` values from its entry
/// of `starts` on.
struct Changed {
    std::vector<int> starts;
    int size = 0;
};

/// Returns the positions along an axis of `size` pixels.
Changed positions_along(int size, int patch, int stride) {
    Changed at{{}, patch};
    for (int i = 0; i + patch <= size; i += stride) at.starts.push_back(i);
    if (at.starts.back() + patch < size) at.starts.push_back(size - patch);
    return at;
}

/// Returns the number of layers at the beginning that read only the layer before them, and of which only the last is
/// read by later layers.
std::size_t begins_as_chain(const Network& network) {
    std::size_t count = 0;
    while (count < network.layers.size() && network.layers[count].inputs.empty()) ++count;
    for (std::size_t i = count; i < network.layers.size(); ++i)
        for (const int from : inputs_of(network.layers, static_cast<int>(i)))
            count = std::min(count, static_cast<std::size_t>(from + 1));
    return count;
}

/// How a window moves along one axis.
struct Axis {
    int kernel = 1, stride = 1, dilation = 1, padding = 0;  ///< `padding` is that before the first value.
    int extent() const { return dilation * (kernel - 1) + 1; }
};

/// Returns which of the `outputs` values a window computes differently. Sizes are those of the position where most
/// change, so that all positions can run side by side.
Changed after(const Changed& in, const Axis& axis, int outputs) {
    Changed out;
    std::vector<int> ends;
    for (const int start : in.starts) {
        const int reach = start + axis.padding - axis.extent() + 1;  // the first window that ends at or after `start`
        const int first = reach <= 0 ? 0 : (reach + axis.stride - 1) / axis.stride;
        const int last = (start + in.size - 1 + axis.padding) / axis.stride;
        out.starts.push_back(std::min(first, outputs - 1));
        ends.push_back(std::clamp(last + 1, out.starts.back() + 1, outputs));
        out.size = std::max(out.size, ends.back() - out.starts.back());
    }
    for (int& start : out.starts) start = std::min(start, outputs - out.size);
    return out;
}

/// One layer of which only changed values are computed.
struct PartialLayer {
    enum class Kind { conv, pool, value } kind = Kind::value;
    Axis rows, columns;
    Changed out_rows, out_columns;
    int in_channels = 0, out_channels = 0;
    Size2 window;  ///< Of the input values that the changed outputs read.
    std::optional<LaneConv> conv;
    CountedVector<float> packed;
    std::vector<float> bias;
    std::vector<std::ptrdiff_t> taps;  ///< Of a pool: offsets in a window of the input.
    std::optional<LayerGradient> value;
    std::vector<float> arrays;  ///< Of `value`.
};

}  // namespace

struct Occlusion::State {
    State(Target asked, Backpropagation made, const Simd& loops)
        : target(std::move(asked)), pass(std::move(made)), simd(loops) {}

    Target target;
    Backpropagation pass;  ///< Keeps the values without a patch.
    const Simd& simd;
    std::shared_ptr<const Tensor> input;
    std::vector<float> color;  ///< Of the patch, one value per channel.
    Changed rows, columns;     ///< Positions of the patch.
    std::vector<PartialLayer> layers;
    std::optional<LaneNet> tail;  ///< The layers after them, also with branches, which run as a whole.
    std::vector<float> tail_parameters;
    double without = 0;
    std::vector<double> drop;
    int done = 0;

    int positions() const { return static_cast<int>(rows.starts.size() * columns.starts.size()); }

    /// The changed values of sixteen images: their positions and, interleaved, the values.
    struct Part {
        std::array<int, lane_images> y{}, x{};
        Size2 size;
        Tensor values;

        void reset(int channels, Size2 size_) {
            size = size_;
            values.reshape({channels, size.h, size.w, lane_images});
        }
    };
    /// What a thread keeps.
    struct Work {
        Part part, next;
        Tensor seen;
    };

    PerThread<Work> works;

    /// Sets `p` to the patches of a block of positions.
    void patches(int block, Part& p) const {
        p.reset(input->shape().c, {rows.size, columns.size});
        for (int l = 0; l < lane_images; ++l) {
            const int at = position(block, l), wide = static_cast<int>(columns.starts.size());
            p.y[to_size(l)] = rows.starts[to_size(at / wide)], p.x[to_size(l)] = columns.starts[to_size(at % wide)];
        }
        const std::size_t plane = to_size(p.size.h * p.size.w) * lane_images;
        for (std::size_t i = 0; i < p.values.size(); ++i) p.values.data()[i] = color[i / plane];
    }
    /// The last lanes of the last block repeat the last position.
    int position(int block, int lane) const { return std::min(block * lane_images + lane, positions() - 1); }
    int row(int block, int lane) const { return position(block, lane) / static_cast<int>(columns.starts.size()); }
    int column(int block, int lane) const { return position(block, lane) % static_cast<int>(columns.starts.size()); }

    /// Copies what a window of `window` values at (y, x) of each image sees: the changed values of `part`, around them
    /// those of `whole`, and beyond its borders `outside`.
    void gather(const Part& part, const Tensor& whole, const std::array<int, lane_images>& top,
                const std::array<int, lane_images>& left, Size2 window, float outside, float* to) const {
        const Shape s = whole.shape();
        for (int c = 0; c < s.c; ++c)
            for (int i = 0; i < window.h; ++i, to += window.w * L)  // a row of all images is in the first-level cache
                for (std::size_t l = 0; l < lane_images; ++l) {
                    float* const row = to + l;
                    const int y = top[l] + i;
                    if (y < 0 || y >= s.h) {
                        for (int j = 0; j < window.w; ++j) row[j * L] = outside;
                        continue;
                    }
                    const float* const from = &whole.at(0, c, y, 0);
                    for (int j = 0; j < window.w; ++j) {
                        const int x = left[l] + j;
                        row[j * L] = x < 0 || x >= s.w ? outside : from[x];
                    }
                    if (y < part.y[l] || y >= part.y[l] + part.size.h) continue;
                    const float* const changed =
                        part.values.data() + to_size((c * part.size.h + y - part.y[l]) * part.size.w) * lane_images + l;
                    const int begin = std::max(part.x[l], left[l]),
                              end = std::min(part.x[l] + part.size.w, left[l] + window.w);
                    for (int x = begin; x < end; ++x) row[(x - left[l]) * L] = changed[(x - part.x[l]) * L];
                }
    }

    /// Computes the changed outputs of layer `i`: replaces work.part.
    void run(std::size_t i, int block, Work& work) const {
        const PartialLayer& layer = layers[i];
        Part &part = work.part, &next = work.next;
        next.reset(layer.out_channels, {layer.out_rows.size, layer.out_columns.size});
        float* to = next.values.data();
        if (layer.kind == PartialLayer::Kind::value) {
            next.y = part.y, next.x = part.x;
            layer.value->forward(layer.arrays, part.values.data(), to);
            return std::swap(part, next);
        }
        std::array<int, lane_images> top{}, left{};
        for (int lane = 0; lane < lane_images; ++lane) {
            const auto l = to_size(lane);
            next.y[l] = layer.out_rows.starts[to_size(row(block, lane))];
            next.x[l] = layer.out_columns.starts[to_size(column(block, lane))];
            top[l] = next.y[l] * layer.rows.stride - layer.rows.padding;
            left[l] = next.x[l] * layer.columns.stride - layer.columns.padding;
        }
        const bool pool = layer.kind == PartialLayer::Kind::pool;
        work.seen.reshape({layer.in_channels, layer.window.h, layer.window.w, lane_images});
        const float* const seen = work.seen.data();
        gather(part, pass.value(static_cast<int>(i)), top, left, layer.window,
               pool ? -std::numeric_limits<float>::infinity() : 0.0F, work.seen.data());
        if (pool) {
            for (int c = 0; c < layer.in_channels; ++c)
                for (int y = 0; y < next.size.h; ++y)
                    for (int x = 0; x < next.size.w; ++x, to += L)
                        simd.lane.window_max(seen + ((c * layer.window.h + y * layer.rows.stride) * layer.window.w +
                                                     x * layer.columns.stride) *
                                                        L,
                                             {layer.taps.data(), static_cast<int>(layer.taps.size())}, to);
        } else {
            layer.conv->forward(simd.lane, seen, layer.packed, layer.bias, to);
        }
        std::swap(part, next);
    }

    /// Writes the input of the tail: everywhere the values without a patch, but the changed ones.
    void fill(int block, float* to) {
        Work& work = works.local();
        patches(block, work.part);
        for (std::size_t i = 0; i < layers.size(); ++i) run(i, block, work);
        const Tensor& whole = pass.value(static_cast<int>(layers.size()));
        gather(work.part, whole, {}, {}, {whole.shape().h, whole.shape().w}, 0, to);
    }

    /// Adds the next layer if only its changed values need to be computed. Returns false if it has to run as a whole.
    bool add(const Layer& layer, const Shape& in, const Shape& out) {
        PartialLayer p;
        p.in_channels = in.c, p.out_channels = out.c;
        const Changed& in_rows = layers.empty() ? rows : layers.back().out_rows;
        const Changed& in_columns = layers.empty() ? columns : layers.back().out_columns;
        p.out_rows = in_rows, p.out_columns = in_columns;
        const auto conv = std::get_if<Conv2d>(&layer.operation);
        const auto pool = std::get_if<MaxPool2d>(&layer.operation);
        if (conv && conv->params.padding_mode == PaddingMode::zeros) {
            const Size2 k = conv->kernel_size();
            const Padding pad = resolve_padding(conv->params, k);
            p.kind = PartialLayer::Kind::conv;
            p.rows = {k.h, conv->params.stride.h, conv->params.dilation.h, pad.top};
            p.columns = {k.w, conv->params.stride.w, conv->params.dilation.w, pad.left};
        } else if (pool) {
            p.kind = PartialLayer::Kind::pool;
            p.rows = {pool->kernel_size.h, pool->stride.h, pool->dilation.h, pool->padding.h};
            p.columns = {pool->kernel_size.w, pool->stride.w, pool->dilation.w, pool->padding.w};
        } else if (!add_value(p, layer, in)) {
            return false;
        }
        if (p.kind != PartialLayer::Kind::value) {
            p.out_rows = after(in_rows, p.rows, out.h);
            p.out_columns = after(in_columns, p.columns, out.w);
            p.window = {(p.out_rows.size - 1) * p.rows.stride + p.rows.extent(),
                        (p.out_columns.size - 1) * p.columns.stride + p.columns.extent()};
        }
        if (p.kind == PartialLayer::Kind::conv) {
            p.conv.emplace(LaneConvShape{in.c, out.c, conv->kernel_size(), conv->params.stride, conv->params.dilation,
                                         conv->params.groups, conv->params.flip, p.window});
            p.conv->pack_forward(conv->weight->values(), p.packed);
            if (conv->bias) p.bias = *conv->bias;
        }
        for (int i = 0; pool && i < pool->kernel_size.h; ++i)
            for (int j = 0; j < pool->kernel_size.w; ++j)
                p.taps.push_back(
                    (static_cast<std::ptrdiff_t>(i) * pool->dilation.h * p.window.w + j * pool->dilation.w) * L);
        layers.push_back(std::move(p));
        return true;
    }

    /// Adds a function of single values.
    bool add_value(PartialLayer& p, const Layer& layer, const Shape& in) const {
        const bool known = std::visit(
            []<class Any>(const Any&) {
                return std::is_same_v<Any, ReLU> || std::is_same_v<Any, LeakyReLU> || std::is_same_v<Any, Sigmoid> ||
                       std::is_same_v<Any, Tanh> || std::is_same_v<Any, Dropout> || std::is_same_v<Any, BatchNorm2d>;
            },
            layer.operation);
        if (!known) return false;
        p.value.emplace(spec_of(layer.operation), Shape{1, in.c, p.out_rows.size, p.out_columns.size});
        p.arrays = arrays_of(layer);
        return true;
    }
};

Occlusion::Occlusion(std::unique_ptr<State> state) : state_(std::move(state)) {}
Occlusion::~Occlusion() = default;
Occlusion::Occlusion(Occlusion&&) noexcept = default;
Occlusion& Occlusion::operator=(Occlusion&&) noexcept = default;

Expected<Occlusion> Occlusion::make(Target target, std::shared_ptr<const Tensor> input, Size2 patch, Size2 stride,
                                    const Simd& simd) {
    const Shape in = input->shape();
    if (patch.h < 1 || patch.w < 1 || patch.h > in.h || patch.w > in.w)
        return fail("a patch of {}x{} pixels does not fit into an image of {}x{}", patch.w, patch.h, in.w, in.h);
    if (stride.h < 1 || stride.w < 1)
        return fail("a patch can't move by {}x{} pixels, expected at least 1", stride.w, stride.h);
    target.network.layers = part_for(target.network.layers, static_cast<int>(target.network.layers.size()) - 1);
    auto pass = Backpropagation::make(target.network, in, simd);
    if (!pass) return tl::unexpected(pass.error());
    auto state = std::make_unique<State>(std::move(target), std::move(*pass), simd);
    State& s = *state;
    s.input = std::move(input);
    for (int c = 0; c < in.c; ++c) {
        const auto plane = s.input->plane(0, c);
        const double sum = std::accumulate(plane.begin(), plane.end(), 0.0,
                                           [](double a, float v) { return a + static_cast<double>(v); });
        s.color.push_back(static_cast<float>(sum / static_cast<double>(plane.size())));
    }
    s.rows = positions_along(in.h, patch.h, stride.h);
    s.columns = positions_along(in.w, patch.w, stride.w);
    if (s.rows.starts.size() * s.columns.starts.size() > max_positions)
        return fail("the patch would have {} positions, expected at most {}: use a larger stride",
                    s.rows.starts.size() * s.columns.starts.size(), max_positions);
    Shape shape = in;
    Network rest{s.target.network};
    const std::size_t chain = begins_as_chain(rest);
    while (s.layers.size() < chain) {
        const Shape out = output_shape(rest.layers.front(), shape).value();
        if (!s.add(rest.layers.front(), shape, out)) break;
        rest.layers.erase(rest.layers.begin());
        shape = out;
    }
    for (Layer& layer : rest.layers)
        for (int& from : layer.inputs) from -= static_cast<int>(s.layers.size());
    auto tail = LaneNet::make(specs_of(rest), shape, false);
    if (!tail) return tl::unexpected(tail.error());
    s.tail = std::move(*tail);
    s.tail_parameters = s.tail->flatten(parameters_of(rest));
    return Occlusion(std::move(state));
}

Expected<bool> Occlusion::step(const Cancel& cancel) {
    State& s = *state_;
    if (s.done == 0) {
        if (auto ok = s.pass.forward(s.input, cancel); !ok) return tl::unexpected(ok.error());
        s.without = explained(s.target, s.pass.value(static_cast<int>(s.target.network.layers.size()))).front();
        s.drop.resize(to_size(s.positions()));
    }
    if (cancel.requested()) return canceled();
    const int first = s.done / lane_images;
    const Shape out = s.tail->output_shape();
    LaneBatch batch;
    batch.blocks = std::min(blocks_of_step, blocks_of(s.positions()) - first);
    batch.fill = [&](int block, float* to) { s.fill(first + block, to); };
    batch.head = [&](int block, const float* output, float*) {
        const float* plane = output + to_size(s.target.channel) * out.plane() * lane_images;
        for (std::size_t l = 0; l < lane_images; ++l) {
            double sum = 0;
            for (std::size_t i = 0; i < out.plane(); ++i) sum += static_cast<double>(plane[i * lane_images + l]);
            s.drop[to_size(s.position(first + block, static_cast<int>(l)))] =
                s.without - sum / static_cast<double>(out.plane());
        }
    };
    if (batch.blocks > 0) s.tail->forward(s.simd, s.tail_parameters, batch);
    s.done = std::min((first + batch.blocks) * lane_images, s.positions());
    return s.done < s.positions();
}

int Occlusion::positions() const { return state_->positions(); }
int Occlusion::done() const { return state_->done; }

std::vector<double> Occlusion::drops() const { return {state_->drop.begin(), state_->drop.begin() + state_->done}; }

Tensor Occlusion::map() const {
    const State& s = *state_;
    const Shape in = s.input->shape();
    std::vector<double> sum(in.plane());
    std::vector<int> count(in.plane());
    for (int p = 0; p < s.done; ++p)
        for (int y = 0; y < s.rows.size; ++y)
            for (int x = 0; x < s.columns.size; ++x) {
                const auto wide = s.columns.starts.size();
                const std::size_t at =
                    to_size((s.rows.starts[to_size(p) / wide] + y) * in.w + s.columns.starts[to_size(p) % wide] + x);
                sum[at] += s.drop[to_size(p)], ++count[at];
            }
    Tensor map({1, 1, in.h, in.w});
    for (std::size_t i = 0; i < sum.size(); ++i)
        map.data()[i] = count[i] > 0 ? static_cast<float>(sum[i] / count[i]) : 0.0F;
    return map;
}

}  // namespace convlens
