/// Costs of the algorithms of a convolution, as formulas and as measured times.
#include <kiss_fft.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/core/parallel.h"
#include "engine/core/sentence.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/filter/algorithms.h"

namespace convlens {
namespace {

Tensor noise(Shape shape, unsigned seed) {
    Tensor made(shape);
    std::uint32_t state = seed * 2654435769U + 1;
    for (float& v : made.values()) {  // a linear congruential generator (Numerical Recipes)
        state = state * 1664525U + 1013904223U;
        v = static_cast<float>(state >> 8) * 0x1p-23F - 1;
    }
    return made;
}

/// Returns the sums in double precision.
std::optional<std::vector<double>> exact(const Tensor& input, const Tensor& weight, const Cancel& cancel) {
    const Shape &w = weight.shape(), &in = input.shape();
    const int height = in.h - w.h + 1, width = in.w - w.w + 1;
    const auto plane = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
    std::vector<double> sums(static_cast<std::size_t>(w.n) * plane);
    const bool complete = for_each_tile(w.n, cancel, [&](std::ptrdiff_t k) {
        double* to = &sums[static_cast<std::size_t>(k) * plane];
        for (int y = 0; y < height; ++y, to += width)
            for (int c = 0; c < w.c; ++c)
                for (int i = 0; i < w.h; ++i)
                    for (int j = 0; j < w.w; ++j) {
                        const auto a = static_cast<double>(weight.at(static_cast<int>(k), c, i, j));
                        const float* from = &input.at(0, c, y + i, j);
                        for (int x = 0; x < width; ++x) to[x] += a * static_cast<double>(from[x]);
                    }
    });
    if (!complete) return std::nullopt;
    return sums;
}

/// Returns the shortest of some runs in milliseconds; stops after half a second. Returns nullopt if canceled.
template <class Run>
std::optional<double> shortest(const Run& run) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    double least = INFINITY;
    for (int i = 0; i < 3; ++i) {
        const auto start = Clock::now();
        if (!run()) return std::nullopt;
        least = std::min(least, std::chrono::duration<double, std::milli>(Clock::now() - start).count());
        if (Clock::now() - begin > std::chrono::milliseconds(500)) break;
    }
    return least;
}

double multiply_adds(const ConvSizes& p) {
    return static_cast<double>(p.channels) * p.kernels * p.kernel * p.kernel * p.height * p.width;
}

Expected<void> check(const ConvSizes& p) {
    if (p.channels < 1 || p.kernels < 1 || p.kernel < 1 || p.height < 1 || p.width < 1)
        return fail("channels, kernels and sizes must be at least 1");
    if (multiply_adds(p) > 0x1p34)
        return fail("direct sums would take {:.2g} multiplications, expected at most {:.2g}: choose a smaller size",
                    multiply_adds(p), 0x1p34);
    return {};
}

/// Measures one algorithm, or the engine for `algorithm` == conv_algorithms. Returns nullopt if canceled.
std::optional<std::pair<double, Tensor>> measured(int algorithm, const Tensor& input, const Tensor& weight,
                                                  const Cancel& cancel) {
    std::optional<Tensor> output;
    Conv2d conv;
    conv.weight = std::make_shared<const Tensor>(weight.clone());
    Tensor engine(output_shape(conv, input.shape()).value());
    const Simd& simd = available_simd().front();
    Conv2dPlan plan(conv, input.shape(), simd, make_conv2d_memory());
    const auto ms = shortest([&] {
        if (algorithm == conv_algorithms) return plan.run(input, cancel, engine, {});
        output = convolve(static_cast<ConvAlgorithm>(algorithm), input, weight, cancel);
        return output.has_value();
    });
    if (!ms) return std::nullopt;
    return std::pair(*ms, output ? std::move(*output) : std::move(engine));
}

std::string name_of(int algorithm) {
    return algorithm == conv_algorithms ? "the engine"
                                        : std::string(conv_algorithm_names()[static_cast<std::size_t>(algorithm)]);
}

}  // namespace

ConvCost conv_cost(ConvAlgorithm algorithm, const ConvSizes& p) {
    const double c = p.channels, k = p.kernels, size = p.kernel, pixels = static_cast<double>(p.height) * p.width;
    const double s = static_cast<double>(kiss_fft_next_fast_size(p.height + p.kernel - 1)) *
                     kiss_fft_next_fast_size(p.width + p.kernel - 1);
    const auto by_tiles = [&](int m) {
        const double cells = (m + 2) * (m + 2),
                     tiles = std::ceil(static_cast<double>(p.height) / m) * std::ceil(static_cast<double>(p.width) / m);
        return ConvCost{
            fmt::format("{0} P C K = {0} * {1:g} * {2:g} * {3:g}", cells, tiles, c, k),
            fmt::format("{0} (C K + C P + K P) = {0} * ({1:g} + {2:g} + {3:g})", cells, c * k, c * tiles, k * tiles),
            cells * tiles * c * k, cells * (c * k + c * tiles + k * tiles)};
    };
    switch (algorithm) {
        case ConvAlgorithm::direct:
            return {fmt::format("C K k^2 H W = {:g} * {:g} * {:g}^2 * {} * {}", c, k, size, p.height, p.width), "0",
                    multiply_adds(p), 0};
        case ConvAlgorithm::im2col:
            return {fmt::format("C K k^2 H W = {:g} * {:g} * {:g}^2 * {} * {}", c, k, size, p.height, p.width),
                    fmt::format("C k^2 H W = {:g} * {:g}^2 * {} * {}", c, size, p.height, p.width), multiply_adds(p),
                    c * size * size * pixels};
        case ConvAlgorithm::fft:
            return {fmt::format("(C + C K + K) 2 S log2 S + 4 C K S, S = {:g}", s),
                    fmt::format("2 S (C + 3) = 2 * {:g} * {:g}", s, c + 3),
                    (c + c * k + k) * 2 * s * std::log2(s) + 4 * c * k * s, 2 * s * (c + 3)};
        case ConvAlgorithm::winograd2: return by_tiles(2);
        case ConvAlgorithm::winograd4: return by_tiles(4);
    }
    return {};
}

std::optional<Expected<std::vector<MeasuredAlgorithm>>> measure_algorithms(const ConvSizes& problem,
                                                                           const Cancel& cancel) {
    if (auto ok = check(problem); !ok) return tl::unexpected(ok.error());
    const Tensor input =
        noise({1, problem.channels, problem.height + problem.kernel - 1, problem.width + problem.kernel - 1}, 1);
    const Tensor weight = noise({problem.kernels, problem.channels, problem.kernel, problem.kernel}, 2);
    const auto sums = exact(input, weight, cancel);
    if (!sums) return std::nullopt;
    double most = 0;
    for (const double v : *sums) most = std::max(most, std::abs(v));
    std::vector<MeasuredAlgorithm> all;
    for (int a = 0; a <= conv_algorithms; ++a) {
        MeasuredAlgorithm& made = all.emplace_back(MeasuredAlgorithm{name_of(a), true, {}, NAN, NAN});
        if (a < conv_algorithms) {
            made.possible = can_compute(static_cast<ConvAlgorithm>(a), problem);
            if (!made.possible) continue;
            made.cost = conv_cost(static_cast<ConvAlgorithm>(a), problem);
        }
        const auto result = measured(a, input, weight, cancel);
        if (!result) return std::nullopt;
        made.milliseconds = result->first;
        double largest = 0;
        for (std::size_t i = 0; i < sums->size(); ++i)
            largest = std::max(largest, std::abs((*sums)[i] - static_cast<double>(result->second.data()[i])));
        made.error = most > 0 ? largest / most : 0;
        cancel.report(static_cast<float>(a + 1) / (conv_algorithms + 1));
    }
    return all;
}

std::optional<Expected<Chart>> break_even(ConvSizes problem, int largest, const Cancel& cancel) {
    Chart chart;
    chart.title = sentence("Time of {} kernels over {} channels, {}x{} outputs, on this machine", problem.kernels,
                           problem.channels, problem.height, problem.width);
    for (int a = 0; a <= conv_algorithms; ++a)
        chart.curves.push_back({name_of(a), curve_color(a, conv_algorithms + 1), {}, {}});
    double lo = INFINITY, hi = 0;
    for (problem.kernel = 1; problem.kernel <= largest; problem.kernel += 2) {
        if (auto ok = check(problem); !ok) {
            if (problem.kernel == 1) return tl::unexpected(ok.error());
            break;
        }
        const Tensor input =
            noise({1, problem.channels, problem.height + problem.kernel - 1, problem.width + problem.kernel - 1}, 1);
        const Tensor weight = noise({problem.kernels, problem.channels, problem.kernel, problem.kernel}, 2);
        for (int a = 0; a <= conv_algorithms; ++a) {
            ChartCurve& curve = chart.curves[static_cast<std::size_t>(a)];
            const bool possible = a == conv_algorithms || can_compute(static_cast<ConvAlgorithm>(a), problem);
            const auto result = possible ? measured(a, input, weight, cancel) : std::nullopt;
            if (possible && !result) return std::nullopt;
            curve.x.push_back(problem.kernel);
            curve.y.push_back(result ? result->first : NAN);
            if (result) lo = std::min(lo, result->first), hi = std::max(hi, result->first);
        }
        cancel.report(static_cast<float>(problem.kernel) / static_cast<float>(largest));
    }
    chart.x = {1, static_cast<double>(std::max(largest, 2)), "kernel_size"};
    chart.y = {lo * 0.8, hi * 1.25, "time (ms)", true};
    return chart;
}

}  // namespace convlens
