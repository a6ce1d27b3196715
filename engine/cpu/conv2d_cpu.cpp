/// Conv2d on the CPU: choice of the algorithm.
#include "engine/cpu/conv2d_cpu.h"

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>

#include "engine/cpu/conv2d_depthwise.h"
#include "engine/cpu/conv2d_fft.h"
#include "engine/cpu/conv2d_sums.h"
#include "engine/cpu/conv2d_winograd.h"
#include "engine/cpu/simd.h"

namespace convlens {
namespace {

std::vector<int> all_channels(const Conv2d& layer) {
    std::vector<int> channels(static_cast<std::size_t>(layer.weight->shape().n));
    std::iota(channels.begin(), channels.end(), 0);
    return channels;
}

}  // namespace

struct Conv2dMemory {
    std::shared_ptr<Conv2dSumsMemory> sums = make_conv2d_sums_memory();
    std::shared_ptr<Conv2dDepthwiseMemory> depthwise = std::make_shared<Conv2dDepthwiseMemory>();
    std::shared_ptr<Conv2dFftMemory> fft = std::make_shared<Conv2dFftMemory>();
    std::shared_ptr<Conv2dWinogradMemory> winograd = std::make_shared<Conv2dWinogradMemory>();
};

std::shared_ptr<Conv2dMemory> make_conv2d_memory() { return std::make_shared<Conv2dMemory>(); }

Conv2dPlan::Conv2dPlan(const Conv2d& layer, const Shape& input, const Simd& simd,
                       const std::shared_ptr<Conv2dMemory>& memory, std::vector<int> channels)
    : all_(channels.empty()) {
    if (all_) channels = all_channels(layer);
    const Shape& weight = layer.weight->shape();
    if (const auto tiles = fft_tiles(layer.params, weight, input, simd.lanes))
        algorithm_ = std::make_unique<Conv2dFft>(layer, input, *tiles, simd, memory->fft, std::move(channels));
    else if (const auto division = winograd_tiles(layer.params, weight, input, simd.lanes))
        algorithm_ =
            std::make_unique<Conv2dWinograd>(layer, input, *division, simd, memory->winograd, std::move(channels));
    else if (suits_depthwise(layer, input, simd))
        algorithm_ = std::make_unique<Conv2dDepthwise>(layer, input, simd, memory->depthwise, std::move(channels));
    else
        algorithm_ = make_conv2d_sums(layer, input, simd, memory->sums, std::move(channels));
}

Conv2dPlan::~Conv2dPlan() = default;

bool Conv2dPlan::fits(const Conv2d& layer, const Shape& input) const { return all_ && algorithm_->fits(layer, input); }

bool Conv2dPlan::run(const Tensor& input, const Cancel& cancel, Tensor& output, std::span<ChannelStats> stats,
                     Tensor* rectified, const PointTail& tail) {
    return algorithm_->run(input, cancel, output, stats, rectified, tail);
}

std::optional<std::vector<int>> changed_channels(const Conv2d& before, const Conv2d& after) {
    const bool had_bias = before.bias != nullptr, has_bias = after.bias != nullptr;
    if (before.params != after.params || before.weight->shape() != after.weight->shape() || had_bias != has_bias)
        return std::nullopt;
    std::vector<int> changed;
    const std::size_t kernel = static_cast<std::size_t>(after.weight->shape().c) * after.weight->shape().plane();
    for (int o = 0; o < after.weight->shape().n; ++o) {
        const auto i = static_cast<std::size_t>(o);
        const float *a = before.weight->data() + i * kernel, *b = after.weight->data() + i * kernel;
        if (!std::equal(a, a + kernel, b) || (has_bias && (*before.bias)[i] != (*after.bias)[i])) changed.push_back(o);
    }
    return changed;
}

bool conv2d_forward(const Conv2d& layer, const Tensor& input, const Simd& simd, const Cancel& cancel, Tensor& output) {
    return Conv2dPlan(layer, input.shape(), simd, make_conv2d_memory()).run(input, cancel, output, {});
}

}  // namespace convlens
