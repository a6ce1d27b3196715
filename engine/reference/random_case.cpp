/// Random convolutions for tests.
#include "engine/reference/random_case.h"

#include <memory>

namespace convlens::reference {
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
    ConvCase c;
    const Conv2dSpec spec = LayerTraits<Conv2dSpec>::random(random, c.input);
    c.out_channels = spec.out_channels;
    c.kernel = spec.kernel_size;
    c.params = spec.params;
    c.bias = spec.bias;
    return c;
}

}  // namespace convlens::reference
