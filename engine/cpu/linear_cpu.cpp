/// Layers whose weights are not shared between places: Linear and LocallyConnected2d.
#include <algorithm>
#include <array>
#include <cstring>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

constexpr std::size_t tile_macs = std::size_t{1} << 21U;  ///< Of a task, about a millisecond.
constexpr std::size_t block = 4;                          ///< Outputs that share what is loaded of the input.
constexpr std::size_t lanes = 8;

/// A vector type of GCC and Clang; the compiler splits it where the machine's vectors are shorter.
using Lanes [[gnu::vector_size(lanes * sizeof(float))]] = float;

/// The inner products of `count` <= block rows of `length` weights with x. Lane l sums the products l, l + 8, l + 16, ...;
/// the lanes are added in one order, and the rest of the row at last: the same for every place in a block.
void dot_block(const float* weight, std::size_t length, std::size_t count, const float* x, float* sums) {
    std::array<Lanes, block> totals{};
    const std::size_t whole = length / lanes * lanes;
    for (std::size_t i = 0; i < whole; i += lanes) {
        Lanes input;
        std::memcpy(&input, x + i, sizeof input);
        for (std::size_t o = 0; o < block; ++o) {
            Lanes row;
            std::memcpy(&row, weight + std::min(o, count - 1) * length + i, sizeof row);
            totals[o] += row * input;
        }
    }
    for (std::size_t o = 0; o < count; ++o) {
        float sum = 0;
        for (std::size_t l = 0; l < lanes; ++l) sum += totals[o][l];
        for (std::size_t i = whole; i < length; ++i) sum += weight[o * length + i] * x[i];
        sums[o] = sum;
    }
}

}  // namespace

bool layer_forward(const Linear& layer, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const auto length = static_cast<std::size_t>(layer.spec.in_features), outputs = static_cast<std::size_t>(layer.spec.out_features);
    const auto items = static_cast<std::size_t>(input.shape().n);
    const std::size_t rows = std::clamp<std::size_t>(tile_macs / length / block * block, block, (outputs + block - 1) / block * block);
    const std::size_t row_tiles = (outputs + rows - 1) / rows;
    const std::size_t items_each = std::clamp<std::size_t>(tile_macs / (length * rows), 1, items);
    const std::size_t item_tiles = (items + items_each - 1) / items_each;
    return for_each_tile(static_cast<std::ptrdiff_t>(row_tiles * item_tiles), cancel, [&](std::ptrdiff_t tile) {
        const std::size_t first = static_cast<std::size_t>(tile) % row_tiles * rows, last = std::min(first + rows, outputs);
        const std::size_t first_item = static_cast<std::size_t>(tile) / row_tiles * items_each, last_item = std::min(first_item + items_each, items);
        for (std::size_t o = first; o < last; o += block)
            for (std::size_t n = first_item; n < last_item; ++n) {
                const std::size_t count = std::min(block, last - o);
                float* to = output.data() + n * outputs + o;
                dot_block(layer.weight->data() + o * length, length, count, input.data() + n * length, to);
                if (!layer.bias) continue;
                for (std::size_t i = 0; i < count; ++i) to[i] += (*layer.bias)[o + i];
            }
    });
}

bool layer_forward(const LocallyConnected2d& layer, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const Shape out = output.shape();
    const LocallyConnected2dSpec& s = layer.spec;
    const int taps = s.kernel_size.h * s.kernel_size.w;
    return for_each_tile(static_cast<std::ptrdiff_t>(out.n) * out.c * out.h, cancel, [&](std::ptrdiff_t tile) {
        const int y = static_cast<int>(tile % out.h), o = static_cast<int>(tile / out.h % out.c), n = static_cast<int>(tile / out.h / out.c);
        for (int x = 0; x < out.w; ++x) {
            float sum = layer.bias ? layer.bias->at(0, o, y, x) : 0.0F;
            for (int c = 0; c < s.in_channels; ++c) {
                const float* weight = layer.weight->plane(o, c).data() + (static_cast<std::ptrdiff_t>(y) * out.w + x) * taps;
                for (int i = 0; i < s.kernel_size.h; ++i) {
                    const float* from = &input.at(n, c, y * s.stride.h + i, x * s.stride.w);
                    for (int j = 0; j < s.kernel_size.w; ++j) sum += *weight++ * from[j];
                }
            }
            output.at(n, o, y, x) = sum;
        }
    });
}

}  // namespace convlens
