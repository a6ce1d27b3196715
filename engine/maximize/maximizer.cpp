/// Gradient ascent on pictures, sixteen side by side.
#include "engine/maximize/maximizer.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <glm/glm.hpp>
#include <random>

#include "engine/core/memory_limit.h"
#include "engine/core/parallel.h"
#include "engine/maximize/spectrum.h"
#include "engine/nn/graph.h"
#include "engine/nn/layer_numbers.h"
#include "engine/nn/network_specs.h"
#include "engine/train/lane_net.h"
#include "engine/train/optimizer.h"

namespace convlens {
namespace {

constexpr int max_side = 1024;
constexpr float first_deviation = 0.01F;  ///< Of the first parameters, as in Lucid.

/// Red, green and blue of the three planes, in rows.
constexpr std::array<std::array<float, 3>, 3> correlated{{{0.26F / 0.462F, 0.09F / 0.462F, 0.02F / 0.462F},
                                                          {0.27F / 0.462F, 0.0F, -0.05F / 0.462F},
                                                          {0.27F / 0.462F, -0.09F / 0.462F, 0.03F / 0.462F}}};

/// Fills `values` with random numbers that are approximately normal: sums of twelve uniform ones, which any machine
/// computes to the same bits.
void fill_normal(std::uint32_t seed, int channel, std::span<float> values) {
    std::seed_seq sequence{seed, static_cast<std::uint32_t>(channel)};
    std::mt19937 random(sequence);
    for (float& v : values) {
        std::uint64_t sum = 0;
        for (int i = 0; i < 12; ++i) sum += random() >> 8U;
        v = first_deviation * (static_cast<float>(sum) / static_cast<float>(1U << 24U) - 6.0F);
    }
}

std::size_t to_size(int n) { return static_cast<std::size_t>(n); }

/// Returns the smallest number that is not below `least` and has no prime factors but 2, 3 and 5, for which Fourier
/// transforms are fast.
int fast_length(int least) {
    for (int n = least;; ++n) {
        int rest = n;
        for (const int factor : {2, 3, 5})
            while (rest % factor == 0) rest /= factor;
        if (rest == 1) return n;
    }
}

/// Returns index i of a row of `size` values that continues around its ends.
int around(int i, int size) { return (i % size + size) % size; }

/// Removes the padding of all layers. A value whose receptive field does not touch the padding stays the same, and only
/// what it depends on is computed.
void remove_padding(Network& network) {
    for (Layer& layer : network.layers) {
        if (auto* conv = std::get_if<Conv2d>(&layer.operation))
            conv->params.padding = {0, 0}, conv->params.same = false;
        if (auto* pool = std::get_if<MaxPool2d>(&layer.operation)) pool->padding = {0, 0};
        if (auto* pool = std::get_if<AvgPool2d>(&layer.operation)) pool->padding = {0, 0};
        if (auto* pad = std::get_if<ZeroPad2d>(&layer.operation)) *pad = {};
        if (auto* pad = std::get_if<ReflectionPad2d>(&layer.operation)) *pad = {};
        if (auto* pad = std::get_if<ReplicationPad2d>(&layer.operation)) *pad = {};
    }
}

/// Returns a random motion. Draws only the numbers that the options need.
Motion next_motion(std::mt19937& random, const MaximizeOptions& o) {
    const auto pixels = [&] {
        return o.jitter > 0 ? static_cast<int>(random() % to_size(o.jitter + 1)) - o.jitter / 2 : 0;
    };
    const auto between = [&](float most) {  // -most and most
        return most > 0 ? static_cast<double>(most) * (2 * static_cast<double>(random()) / 4294967296.0 - 1) : 0.0;
    };
    Motion motion;
    motion.shift.h = pixels();
    motion.shift.w = pixels();
    motion.scale = 1 + between(std::min(o.scale, 0.5F));
    motion.rotation = between(o.rotation);
    return motion;
}

}  // namespace

std::vector<Motion> motions_of(const MaximizeOptions& options, int steps) {
    std::mt19937 random(options.seed);
    std::vector<Motion> motions;
    for (int i = 0; i < steps; ++i) motions.push_back(next_motion(random, options));
    return motions;
}

struct Maximizer::State {
    State(LaneNet lane_net, MaximizeOptions asked) : net(std::move(lane_net)), options(std::move(asked)) {}

    LaneNet net;
    MaximizeOptions options;
    Normalize normalize = Normalize::none;
    std::vector<float> weights;
    Size2 seen;                      ///< The part of the picture that counts, from its upper left corner.
    Shape picture;                   ///< Channels and size of the planes; n is 1.
    std::size_t parameters = 0;      ///< Of one picture.
    std::vector<float> z, gradient;  ///< Parameters of all pictures and their gradients.
    std::vector<float> colors;       ///< All pictures, 0..1.
    std::vector<float> values;       ///< What is maximized, one value per picture.
    std::vector<Spectrum> spectra;   ///< One per block, whose scratch memory it uses. Empty without spectrum.
    OptimizerState optimizer;
    std::mt19937 motions;
    int steps = 0;

    int count() const { return static_cast<int>(options.channels.size()); }
    bool mixes() const { return options.correlated_colors && picture.c == 3; }

    /// Computes the colors of a picture.
    void paint(int block, int n) {
        const std::size_t plane = picture.plane(), of_plane = parameters / to_size(picture.c);
        float* const to = &colors[to_size(n) * picture.count()];
        for (int c = 0; c < picture.c; ++c) {
            const std::span<const float> from(&z[to_size(n) * parameters + to_size(c) * of_plane], of_plane);
            const std::span<float> t(to + to_size(c) * plane, plane);
            if (spectra.empty())
                std::ranges::copy(from, t.begin());
            else
                spectra[to_size(block)].to_plane(from, t);
        }
        for (std::size_t i = 0; i < plane; ++i) {
            if (mixes()) {
                const std::array<float, 3> t{to[i], to[plane + i], to[2 * plane + i]};
                for (std::size_t c = 0; c < 3; ++c)
                    to[c * plane + i] = correlated[c][0] * t[0] + correlated[c][1] * t[1] + correlated[c][2] * t[2];
            }
            for (std::size_t c = 0; c < to_size(picture.c); ++c)
                to[c * plane + i] = 1.0F / (1.0F + std::exp(-to[c * plane + i]));
        }
    }

    /// Sets the parameters of all pictures to those of the middle of `start`.
    void begin_with(const Tensor& start) {
        const std::size_t plane = picture.plane(), of_plane = parameters / to_size(picture.c);
        const Shape s = start.shape();
        std::vector<float> t(picture.count());
        const auto inside = [](int i, int size) {
            return std::min(around(i, 2 * size), 2 * size - 1 - around(i, 2 * size));
        };
        for (int c = 0; c < picture.c; ++c)
            for (int y = 0; y < picture.h; ++y)
                for (int x = 0; x < picture.w; ++x) {
                    const float color = std::clamp(
                        start.at(0, c, inside(y + (s.h - seen.h) / 2, s.h), inside(x + (s.w - seen.w) / 2, s.w)), 0.01F,
                        0.99F);
                    t[to_size(c) * plane + to_size(y * picture.w + x)] = std::log(color / (1.0F - color));
                }
        if (mixes()) {
            glm::mat3 mix;  // in columns
            for (int row = 0; row < 3; ++row)
                for (int column = 0; column < 3; ++column) mix[column][row] = correlated[to_size(row)][to_size(column)];
            mix = glm::inverse(mix);
            for (std::size_t i = 0; i < plane; ++i) {
                const glm::vec3 planes = mix * glm::vec3(t[i], t[plane + i], t[2 * plane + i]);
                for (int c = 0; c < 3; ++c) t[to_size(c) * plane + i] = planes[c];
            }
        }
        for (int c = 0; c < picture.c; ++c) {
            const std::span<const float> from(&t[to_size(c) * plane], plane);
            const std::span<float> to(&z[to_size(c) * of_plane], of_plane);
            if (spectra.empty())
                std::ranges::copy(from, to.begin());
            else
                spectra.front().from_plane(from, to);
        }
        for (int n = 1; n < count(); ++n)
            std::copy_n(z.begin(), parameters, z.begin() + n * static_cast<std::ptrdiff_t>(parameters));
    }

    /// Subtracts the gradient of the total variation of picture n by its colors from `planes`.
    void smooth(int n, std::span<float> planes) const {
        const float* color = &colors[to_size(n) * picture.count()];
        const int h = picture.h, w = picture.w;
        float* to = planes.data();
        for (int c = 0; c < picture.c; ++c, color += picture.plane(), to += picture.plane())
            for (int y = 0; y < h; ++y)
                for (int x = 0; x < w; ++x) {
                    const auto step = [&](int from, int other) {
                        const float by = 2 * options.total_variation * (color[from] - color[other]);
                        to[from] -= by, to[other] += by;
                    };
                    if (y + 1 < h) step(y * w + x, (y + 1) * w + x);
                    if (x + 1 < w) step(y * w + x, y * w + x + 1);
                }
    }

    /// Computes the gradient by the parameters from `planes`, the gradient by the colors, which it changes.
    void chain(int block, int n, std::span<float> planes) {
        const std::size_t plane = picture.plane(), of_plane = parameters / to_size(picture.c);
        const float* const color = &colors[to_size(n) * picture.count()];
        for (std::size_t i = 0; i < planes.size(); ++i) planes[i] *= color[i] * (1.0F - color[i]);
        if (mixes())
            for (std::size_t i = 0; i < plane; ++i) {
                const std::array<float, 3> g{planes[i], planes[plane + i], planes[2 * plane + i]};
                for (std::size_t c = 0; c < 3; ++c)
                    planes[c * plane + i] = correlated[0][c] * g[0] + correlated[1][c] * g[1] + correlated[2][c] * g[2];
            }
        for (int c = 0; c < picture.c; ++c) {
            const std::span<const float> from = planes.subspan(to_size(c) * plane, plane);
            const std::span<float> to(&gradient[to_size(n) * parameters + to_size(c) * of_plane], of_plane);
            if (spectra.empty())
                std::ranges::copy(from, to.begin());
            else
                spectra[to_size(block)].to_gradient(from, to);
        }
    }

    /// Runs the network on the pictures moved by `motion`, forward and, if `ascends`, backward. Sets `values` and, if
    /// `ascends`, `gradient`.
    void run(const Simd& simd, const Motion& motion, bool ascends) {
        const std::size_t plane = picture.plane(), seen_plane = to_size(seen.h * seen.w);
        const Warp warp({picture.h, picture.w}, seen, motion);
        const Shape out = net.output_shape();
        const auto images = [&](int block) { return std::min(lane_images, count() - block * lane_images); };
        LaneBatch batch;
        batch.blocks = blocks_of(count());
        batch.fill = [&](int block, float* input) {
            std::fill_n(input, net.input_shape().count() * lane_images, 0.0F);
            for (int l = 0; l < images(block); ++l) {
                const int n = block * lane_images + l;
                for (int c = 0; c < picture.c; ++c) {
                    const Levels levels = levels_of(normalize, c, picture.c);
                    const float* from = &colors[to_size(n) * picture.count() + to_size(c) * plane];
                    float* to = input + to_size(c) * seen_plane * lane_images + l;
                    for (std::size_t i = 0; i < seen_plane; ++i) to[i * lane_images] = levels(warp.seen(from, i));
                }
            }
        };
        batch.head = [&](int block, const float* output, float* by_output) {
            if (by_output) std::fill_n(by_output, out.count() * lane_images, 0.0F);
            for (int l = 0; l < images(block); ++l) {
                const int n = block * lane_images + l;
                const std::size_t first = to_size(options.channels[to_size(n)]) * out.plane();
                const bool one = options.objective == Objective::unit;
                const std::size_t begin = one ? first + to_size(out.h / 2 * out.w + out.w / 2) : first,
                                  end = one ? begin + 1 : first + out.plane();
                double sum = 0;
                for (std::size_t i = begin; i < end; ++i) {
                    sum += static_cast<double>(output[i * lane_images + to_size(l)]);
                    if (by_output) by_output[i * lane_images + to_size(l)] = 1.0F / static_cast<float>(end - begin);
                }
                values[to_size(n)] = static_cast<float>(sum / static_cast<double>(end - begin));
            }
        };
        if (!ascends) return net.forward(simd, weights, batch);
        batch.input_gradient = [&](int block, const float* by_input) {
            std::vector<float> planes;
            for (int l = 0; l < images(block); ++l) {
                planes.assign(picture.count(), 0.0F);
                for (int c = 0; c < picture.c; ++c) {
                    const float deviation = levels_of(normalize, c, picture.c).deviation;
                    const float* from = by_input + to_size(c) * seen_plane * lane_images + l;
                    float* to = &planes[to_size(c) * plane];
                    for (std::size_t i = 0; i < seen_plane; ++i)
                        warp.add_gradient(from[i * lane_images] / deviation, i, to);
                }
                if (options.total_variation > 0) smooth(block * lane_images + l, planes);
                chain(block, block * lane_images + l, planes);
            }
        };
        net.forward_backward(simd, weights, batch, {});
    }
};

bool sees_whole_picture(const Network& network) {
    // Without padding, the maps of two branches have different sizes.
    return !is_chain(network.layers) || std::ranges::any_of(network.layers, [](const Layer& layer) {
        return std::visit(
            []<class Any>(const Any&) {
                constexpr bool sees_all = std::is_same_v<Any, Linear> || std::is_same_v<Any, Flatten> ||
                                          std::is_same_v<Any, GroupNorm> || std::is_same_v<Any, LocallyConnected2d> ||
                                          std::is_same_v<Any, AdaptiveAvgPool2d> ||
                                          std::is_same_v<Any, AdaptiveMaxPool2d>;
                // Several values of an enlarged map have the same receptive field, or fields of different sizes.
                constexpr bool enlarges = std::is_same_v<Any, Upsample> || std::is_same_v<Any, PixelShuffle> ||
                                          std::is_same_v<Any, ConvTranspose2d>;
                return sees_all || enlarges;
            },
            layer.operation);
    });
}

Tensor colors_of(const Tensor& input, int item, Normalize normalize) {
    const Shape s = input.shape();
    Tensor colors({1, s.c, s.h, s.w});
    for (int c = 0; c < s.c; ++c) {
        const Levels levels = levels_of(normalize, c, s.c);
        std::ranges::transform(input.plane(item, c), colors.plane(0, c).begin(),
                               [&](float v) { return v * levels.deviation + levels.mean; });
    }
    return colors;
}

Maximizer::Maximizer(std::unique_ptr<State> state) : state_(std::move(state)) {}
Maximizer::~Maximizer() = default;
Maximizer::Maximizer(Maximizer&&) noexcept = default;
Maximizer& Maximizer::operator=(Maximizer&&) noexcept = default;

Expected<Maximizer> Maximizer::make(Network network, int channels, Normalize normalize, MaximizeOptions options) {
    assert(!network.layers.empty());
    const int last = static_cast<int>(network.layers.size()) - 1, before = inputs_of(network.layers, last).front();
    const bool relu = before >= 0 && std::holds_alternative<ReLU>(network.layers.back().operation);
    network.layers = part_for(network.layers, relu ? before : last);
    Size2 seen{options.size.h > 0 ? options.size.h : 128, options.size.w > 0 ? options.size.w : 128};
    if (options.objective == Objective::unit && !sees_whole_picture(network)) {
        remove_padding(network);
        const NetworkNumbers numbers = layer_numbers(specs_of(network), {1, channels, max_side, max_side});
        if (!numbers.stopped.empty()) return fail("{}", numbers.stopped);
        seen = numbers.layers.back().receptive_field;
    }
    if (seen.h > max_side || seen.w > max_side)
        return fail("{}: pictures of {}x{} pixels are too large to be searched, expected at most {}",
                    network.layers.back().name, seen.w, seen.h, max_side);
    const Shape in{1, channels, seen.h, seen.w};
    auto net = LaneNet::make(specs_of(network), in);
    if (!net) return tl::unexpected(net.error());
    const Shape out = net->output_shape();
    for (const int c : options.channels)
        if (c < 0 || c >= out.c)
            return fail("channel {} does not exist: {} has channels 0 to {}", c, network.layers.back().name, out.c - 1);
    auto state = std::make_unique<State>(std::move(*net), std::move(options));
    State& s = *state;
    s.normalize = normalize;
    s.weights = s.net.flatten(parameters_of(network));
    s.seen = seen;
    s.picture = in;
    if (s.options.spectrum) {
        s.picture.h = fast_length(in.h);
        s.picture.w = 2 * fast_length((in.w + 1) / 2);
    }
    const std::size_t numbers = s.options.spectrum ? to_size(s.picture.h * (s.picture.w + 2)) : s.picture.plane();
    s.parameters = to_size(in.c) * numbers;
    // The parameters, their gradients and Adam's two averages; the colors.
    const std::size_t bytes = to_size(s.count()) * (4 * s.parameters + s.picture.count()) * sizeof(float);
    if (bytes > memory_limit() / 2)
        return fail(
            "{} pictures of {}x{} pixels need {}, expected at most half of the memory: {}; ask for fewer channels",
            s.count(), seen.w, seen.h, bytes_in_words(bytes), memory_in_words());
    if (s.options.spectrum)
        for (int block = 0; block < blocks_of(s.count()); ++block)
            s.spectra.emplace_back(Size2{s.picture.h, s.picture.w}, s.options.low_pass);
    s.z.resize(to_size(s.count()) * s.parameters);
    s.gradient.resize(s.z.size());
    s.colors.resize(to_size(s.count()) * s.picture.count());
    s.values.resize(to_size(s.count()));
    s.motions.seed(s.options.seed);
    for (int n = 0; n < s.count(); ++n)
        fill_normal(s.options.seed, s.options.channels[to_size(n)], {&s.z[to_size(n) * s.parameters], s.parameters});
    if (const auto& start = s.options.start) {
        if (start->shape().n != 1 || start->shape().c != channels || start->size() == 0)
            return fail("a search can't start from {}, expected 1x{}xHxW", to_string(start->shape()), channels);
        s.begin_with(*start);
    }
    for (int n = 0; n < s.count(); ++n) s.paint(n / lane_images, n);
    return Maximizer(std::move(state));
}

std::span<const float> Maximizer::parameters() const { return state_->z; }
Size2 Maximizer::plane_size() const { return {state_->picture.h, state_->picture.w}; }

void Maximizer::step(const Simd& simd) {
    State& s = *state_;
    s.run(simd, next_motion(s.motions, s.options), true);
    for (float& g : s.gradient) g = -g;  // the optimizer descends
    optimize({Optimizer::adam, s.options.learning_rate, 0.0F, s.options.weight_decay}, s.gradient, s.z, s.optimizer);
    ++s.steps;
    parallel_for(blocks_of(s.count()), [&](int block) {
        for (int n = block * lane_images; n < std::min((block + 1) * lane_images, s.count()); ++n) s.paint(block, n);
    });
}

int Maximizer::steps() const { return state_->steps; }

Tensor Maximizer::pictures() const {
    const State& s = *state_;
    Tensor pictures({s.count(), s.picture.c, s.seen.h, s.seen.w});
    for (int n = 0; n < s.count(); ++n)
        for (int c = 0; c < s.picture.c; ++c)
            for (int y = 0; y < s.seen.h; ++y)
                std::copy_n(&s.colors[to_size(n) * s.picture.count() + to_size(c) * s.picture.plane() +
                                      to_size(y * s.picture.w)],
                            s.seen.w, &pictures.at(n, c, y, 0));
    return pictures;
}

std::vector<float> Maximizer::values(const Simd& simd) {
    state_->run(simd, {}, false);
    return state_->values;
}

const std::vector<float>& Maximizer::last_values() const { return state_->values; }

const MaximizeOptions& Maximizer::options() const { return state_->options; }

}  // namespace convlens
