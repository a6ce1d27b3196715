/// The rows of the benchmark's table.
#include "tests/bench/rows.h"

#include <array>

namespace convlens::bench {
namespace {

constexpr std::array table{
    Row{"A", "AlexNet conv1, 224x224", {1, 3, 224, 224}, 64, 11, 4, 2, 0.79},
    Row{"B", "AlexNet conv1, 350x210", {1, 3, 350, 210}, 64, 11, 4, 2, 0.84},
    Row{"C", "AlexNet conv1, 1080x1920", {1, 3, 1080, 1920}, 64, 11, 4, 2, 0.88},
    Row{"D", "7 kernels 5x5, 350x210", {1, 3, 350, 210}, 7, 5, 1, 2, 0.30},
    Row{"E", "7 kernels 5x5, 1080x1920", {1, 3, 1080, 1920}, 7, 5, 1, 2, 0.31},
    Row{"F", "64 kernels 3x3, 1080x1920", {1, 3, 1080, 1920}, 64, 3, 1, 1, 0.45},
    Row{"G", "8 kernels 3x3, gray 1080x1920", {1, 1, 1080, 1920}, 8, 3, 1, 1, 0.35},
    Row{"P", "8 kernels 101x101, gray 1080x1920", {1, 1, 1080, 1920}, 8, 101, 1, 50, 1.00},
    Row{"Q", "64 kernels 31x31, 1080x1920", {1, 3, 1080, 1920}, 64, 31, 1, 15, 1.00},
    Row{"I2", "AlexNet conv2", {1, 64, 27, 27}, 192, 5, 1, 2, 1.05},
    Row{"I3", "AlexNet conv3", {1, 192, 13, 13}, 384, 3, 1, 1, 0.65},
    Row{"I4", "AlexNet conv4", {1, 384, 13, 13}, 256, 3, 1, 1, 0.65},
    Row{"I5", "AlexNet conv5", {1, 256, 13, 13}, 256, 3, 1, 1, 0.65},
    Row{"V1", "VGG conv1_2", {1, 64, 224, 224}, 64, 3, 1, 1, 0.65},
    Row{"V2", "VGG conv2_2", {1, 128, 112, 112}, 128, 3, 1, 1, 0.65},
    Row{"V3", "VGG conv3_2", {1, 256, 56, 56}, 256, 3, 1, 1, 0.65},
    Row{"V4", "VGG conv4_2", {1, 512, 28, 28}, 512, 3, 1, 1, 0.65},
    Row{"V5", "VGG conv5_2", {1, 512, 14, 14}, 512, 3, 1, 1, 0.65},
};

}  // namespace

std::span<const Row> rows() { return table; }

Tensor made_up(Shape shape) {
    Tensor tensor(shape);
    std::uint32_t state = 1;
    for (float& v : tensor.values()) {
        state = state * 1664525U + 1013904223U;  // Numerical Recipes' generator
        v = static_cast<float>(state >> 16U) / 65536.0F - 0.5F;
    }
    return tensor;
}

Conv2d layer_of(const Row& row) {
    Conv2d layer;
    layer.params.stride = {row.stride, row.stride};
    layer.params.padding = {row.padding, row.padding};
    layer.weight = std::make_shared<const Tensor>(made_up({row.out_channels, row.input.c, row.kernel, row.kernel}));
    layer.bias = std::make_shared<const std::vector<float>>(static_cast<std::size_t>(row.out_channels), 0.1F);
    return layer;
}

}  // namespace convlens::bench
