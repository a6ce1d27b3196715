/// The layers whose weights are not shared between positions: Linear and LocallyConnected2d.
#include <algorithm>

#include "engine/cpu/layers_cpu.h"
#include "engine/cpu/simd.h"
#include "engine/cpu/tiles.h"

namespace convlens {
namespace {

constexpr std::size_t task_macs = std::size_t{1} << 21U;  ///< MACs of a task: about 1 ms if weights come from memory.
constexpr std::size_t task_items = 32;                    ///< Number of batch items for which weights are read once.

}  // namespace

bool run_on_cpu(const Linear& layer, const Simd& simd, const Tensor& input, const Cancel& cancel, Tensor& output) {
    const auto length = static_cast<std::size_t>(layer.spec.in_features),
               outputs = static_cast<std::size_t>(layer.spec.out_features);
    const auto items = static_cast<std::size_t>(input.shape().n);
    const std::size_t item_tiles = (items + task_items - 1) / task_items;
    constexpr std::size_t step = linear_rows;
    const std::size_t rows = std::clamp<std::size_t>(task_macs / (length * std::min(items, task_items)) / step * step,
                                                     step, (outputs + step - 1) / step * step);
    const std::size_t row_tiles = (outputs + rows - 1) / rows;
    return for_each_tile(static_cast<std::ptrdiff_t>(row_tiles * item_tiles), cancel, [&](std::ptrdiff_t tile) {
        const std::size_t first = static_cast<std::size_t>(tile) % row_tiles * rows,
                          last = std::min(first + rows, outputs);
        const std::size_t first_item = static_cast<std::size_t>(tile) / row_tiles * task_items,
                          last_item = std::min(first_item + task_items, items);
        for (std::size_t n = first_item; n < last_item; ++n)
            for (std::size_t o = first; o < last; ++o)
                output.data()[n * outputs + o] = layer.bias ? (*layer.bias)[o] : 0.0F;
        const std::size_t part = std::max<std::size_t>(1, task_macs / (step * task_items * linear_part)) * linear_part;
        for (std::size_t o = first; o < last; o += step)
            for (std::size_t begin = 0; begin < length; begin += part) {
                if (cancel.requested()) return false;
                simd.linear.add_products(
                    {layer.weight->data() + o * length, input.data() + first_item * length,
                     static_cast<std::ptrdiff_t>(length), static_cast<std::ptrdiff_t>(begin),
                     static_cast<std::ptrdiff_t>(std::min(begin + part, length)),
                     static_cast<int>(std::min(step, last - o)), static_cast<int>(last_item - first_item),
                     output.data() + first_item * outputs + o, static_cast<std::ptrdiff_t>(outputs)});
            }
        return true;
    });
}

bool run_on_cpu(const LocallyConnected2d& layer, const Simd& /*simd*/, const Tensor& input, const Cancel& cancel,
                Tensor& output) {
    const Shape out = output.shape();
    const LocallyConnected2dSpec& s = layer.spec;
    const int taps = s.kernel_size.h * s.kernel_size.w;
    return for_each_tile(static_cast<std::ptrdiff_t>(out.n) * out.c * out.h, cancel, [&](std::ptrdiff_t tile) {
        const int y = static_cast<int>(tile % out.h), o = static_cast<int>(tile / out.h % out.c),
                  n = static_cast<int>(tile / out.h / out.c);
        for (int x = 0; x < out.w; ++x) {
            float sum = layer.bias ? layer.bias->at(0, o, y, x) : 0.0F;
            for (int c = 0; c < s.in_channels; ++c) {
                const float* weight =
                    layer.weight->plane(o, c).data() + (static_cast<std::ptrdiff_t>(y) * out.w + x) * taps;
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
