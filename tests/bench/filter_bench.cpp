/// Times large kernels, frequency responses and singular values: convlens_filter_bench ROW RUNS prints the wall-clock
/// time of each run in milliseconds. tests/bench/filter_bench.py runs it beside OpenCV and NumPy.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <random>
#include <string>

#include "engine/core/parallel.h"
#include "engine/cpu/conv2d_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/filter/response.h"
#include "engine/filter/separable.h"

namespace convlens {
namespace {

Tensor noise(Shape shape) {
    std::mt19937 random(1);
    Tensor t(shape);
    for (float& v : t.values()) v = static_cast<float>(random()) / 4294967296.0F - 0.5F;
    return t;
}

/// A convolution with `same` padding. The plan, with the spectra of the kernels, is made before.
std::function<void()> convolution(int kernels, int channels, int side) {
    Conv2d layer;
    layer.weight = std::make_shared<const Tensor>(noise({kernels, channels, side, side}));
    layer.params.padding = {side / 2, side / 2};
    const Shape shape{1, channels, 1080, 1920};
    auto plan = std::make_shared<Conv2dPlan>(layer, shape, available_simd().front(), make_conv2d_memory());
    auto input = std::make_shared<Tensor>(noise(shape)),
         output = std::make_shared<Tensor>(Shape{1, kernels, 1080, 1920});
    return [=] { plan->run(*input, Cancel(), *output, {}); };
}

std::function<void()> responses() {
    auto weight = std::make_shared<Tensor>(noise({64, 3, 11, 11}));
    auto plan = std::make_shared<ResponsePlan>(Size2{11, 11}, 128);
    return [=] {
        parallel_for(64, [&](int k) {
            const std::span<const float> values(weight->plane(k, 0).data(), 3 * 11 * 11);
            if (magnitudes(*plan, values).values.empty()) std::abort();
        });
    };
}

std::function<void()> decompositions() {
    auto weight = std::make_shared<Tensor>(noise({64, 3, 11, 11}));
    return [=] {
        parallel_for(64, [&](int k) {
            if (SeparableKernel(*weight, k, ChannelSplit::per_channel).full_rank() != 11) std::abort();
        });
    };
}

int run(const std::string& row, int runs) {
    const std::function<void()> work = row == "101x101"     ? convolution(8, 1, 101)
                                       : row == "31x31"     ? convolution(64, 3, 31)
                                       : row == "responses" ? responses()
                                       : row == "svd"       ? decompositions()
                                                            : nullptr;
    if (!work || runs < 1) {
        fmt::print(stderr, "expected 101x101, 31x31, responses or svd, and a number of runs\n");
        return 2;
    }
    Arena(2).execute([&] {
        work();  // touches the memory
        for (int i = 0; i < runs; ++i) {
            const std::clock_t before = std::clock();
            const auto start = std::chrono::steady_clock::now();
            work();
            const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
            fmt::print("{:.4f} {:.4f}\n", wall.count(),
                       1e3 * static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
        }
    });
    return 0;
}

}  // namespace
}  // namespace convlens

int main(int argc, char** argv) { return convlens::run(argc > 1 ? argv[1] : "", argc > 2 ? std::atoi(argv[2]) : 0); }
