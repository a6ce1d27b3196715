/// Times training: convlens_train_bench THREADS prints the least milliseconds of a LargeNet step at batch 64 (forward,
/// backward, SGD) and of AlexNet's conv1 backward (input, weight, bias) at 8 pictures of 224x224.
/// tests/bench/train_bench.py sets them beside PyTorch's.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/train/backward.h"
#include "engine/train/trainer.h"

namespace convlens {
namespace {

double best_ms(int runs, const std::function<void()>& run) {
    std::vector<double> times;
    for (int i = 0; i < runs + 3; ++i) {
        const auto begun = std::chrono::steady_clock::now();
        run();
        if (i >= 3)
            times.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun).count());
    }
    std::sort(times.begin(), times.end());
    return times.front();
}

Tensor made_up(Shape shape) {
    Tensor tensor(shape);
    unsigned state = 1;
    for (float& v : tensor.values())
        v = static_cast<float>((state = state * 1664525U + 1013904223U) >> 8U) * 0x1p-24F - 0.5F;
    return tensor;
}

double largenet_ms() {
    const auto data = std::make_shared<const DataSet>(make_bars_and_crosses(6400, 1));
    Trainer trainer = Trainer::make(largenet_task({data, nullptr}, 1), {}).value();
    return best_ms(80, [&] { trainer.step(); });
}

double conv1_ms() {
    const Tensor input = made_up({8, 3, 224, 224});
    const Conv2d layer{{{4, 4}, {2, 2}},
                       std::make_shared<const Tensor>(made_up({64, 3, 11, 11})),
                       std::make_shared<const std::vector<float>>(64, 0.0F)};
    const Tensor gradient = made_up(output_shape(layer, input.shape()).value());
    Conv2dBackward plan(layer, input.shape(), available_simd().front());
    Conv2dGradients result;
    return best_ms(15, [&] { plan.run(*layer.weight, input, gradient, true, result); });
}

}  // namespace
}  // namespace convlens

int main(int argc, char** argv) {
    convlens::Arena arena(argc > 1 ? std::max(1, std::atoi(argv[1])) : 1);
    arena.execute([] { fmt::print("{:.4f} {:.4f}\n", convlens::largenet_ms(), convlens::conv1_ms()); });
}
