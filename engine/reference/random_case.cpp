/// Random convolutions.
#include "engine/reference/random_case.h"

#include <algorithm>
#include <memory>

namespace convlens::reference {
namespace {

/// A case above this many multiplications is too slow for the reference.
constexpr std::int64_t most_macs = 2'000'000;

std::int64_t outputs(int size, int before, int after, int kernel, int stride, int dilation) {
    const std::int64_t padded = std::int64_t{size} + before + after, span = std::int64_t{dilation} * (kernel - 1) + 1;
    return padded < span ? 0 : (padded - span) / stride + 1;
}

/// Whether PyTorch would run it, and the reference quickly.
bool acceptable(const ConvCase& c) {
    const ConvParams& p = c.params;
    const Size2 same{p.dilation.h * (c.kernel.h - 1), p.dilation.w * (c.kernel.w - 1)};
    const Size2 before = p.same ? Size2{same.h / 2, same.w / 2} : p.padding;
    const Size2 after = p.same ? Size2{same.h - same.h / 2, same.w - same.w / 2} : p.padding;
    if (p.padding_mode == PaddingMode::reflect && (after.h >= c.input.h || after.w >= c.input.w)) return false;
    if (p.padding_mode == PaddingMode::circular && (after.h > c.input.h || after.w > c.input.w)) return false;
    const std::int64_t h = outputs(c.input.h, before.h, after.h, c.kernel.h, p.stride.h, p.dilation.h);
    const std::int64_t w = outputs(c.input.w, before.w, after.w, c.kernel.w, p.stride.w, p.dilation.w);
    const std::int64_t macs = h * w * c.input.n * c.out_channels * (c.input.c / p.groups) * c.kernel.h * c.kernel.w;
    return h > 0 && w > 0 && macs <= most_macs;
}

Size2 random_pair(Random& random, int lowest, int highest) {
    const int h = random.whole(lowest, highest);
    return {h, random.whole(lowest, highest)};
}

}  // namespace

std::string describe(const ConvCase& c) {
    const ConvParams& p = c.params;
    return fmt::format("input {} -> {} channels, kernel {}, stride {}, padding {}, dilation {}, groups {}, {}{}{}",
                       to_string(c.input), c.out_channels, to_string(c.kernel), to_string(p.stride),
                       p.same ? "same" : to_string(p.padding), to_string(p.dilation), p.groups,
                       to_string(p.padding_mode), p.flip ? ", flip" : "", c.bias ? ", bias" : "");
}

Tensor random_tensor(Shape shape, Numbers numbers, Random& random) {
    Tensor tensor(shape);
    for (float& v : tensor.values())
        v = numbers == Numbers::reals ? random.real() : static_cast<float>(random.whole(-4, 4));
    return tensor;
}

Conv2d random_layer(const ConvCase& c, Numbers numbers, Random& random) {
    Conv2d layer;
    layer.params = c.params;
    layer.weight = std::make_shared<const Tensor>(
        random_tensor({c.out_channels, c.input.c / c.params.groups, c.kernel.h, c.kernel.w}, numbers, random));
    if (c.bias) {
        const Tensor bias = random_tensor({1, 1, 1, c.out_channels}, numbers, random);
        layer.bias = std::make_shared<const std::vector<float>>(bias.values().begin(), bias.values().end());
    }
    return layer;
}

ConvCase random_case(Random& random) {
    while (true) {
        ConvCase c;
        const int groups = random.whole(0, 2) > 0 ? 1 : random.whole(2, 5);
        c.params.groups = groups;
        c.input = {random.whole(1, 3), groups * random.whole(1, 5), random.whole(1, 40), random.whole(1, 40)};
        if (random.whole(0, 3) == 0) c.input.w = random.whole(40, 110);
        c.out_channels = groups * random.whole(1, groups > 1 ? 6 : 20);
        if (random.whole(0, 15) == 0) c.out_channels = groups * random.whole(60, 66);
        c.kernel = random_pair(random, 1, random.coin() ? 5 : 11);
        c.params.stride = random_pair(random, 1, 5);
        c.params.padding = random_pair(random, 0, random.whole(0, 3) == 0 ? 14 : 5);
        c.params.dilation = random.coin() ? Size2{1, 1} : random_pair(random, 1, 4);
        c.params.padding_mode = static_cast<PaddingMode>(std::max(0, random.whole(-2, 3)));
        c.params.flip = random.whole(0, 3) == 0;
        c.bias = random.coin();
        if (random.whole(0, 4) == 0) {
            c.params.same = true;
            c.params.stride = {1, 1};
        }
        if (acceptable(c)) return c;
    }
}

}  // namespace convlens::reference
