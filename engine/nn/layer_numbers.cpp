/// Shapes, costs and receptive fields of a network.
#include "engine/nn/layer_numbers.h"

#include <algorithm>
#include <limits>

#include "engine/nn/graph.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

int bounded(std::int64_t value) {
    constexpr std::int64_t most = std::int64_t{1} << 30;
    return static_cast<int>(std::clamp(value, -most, most));
}

int wider(int field, int kernel, int dilation, int jump) {
    return bounded(field + std::min<std::int64_t>((std::int64_t{kernel} - 1) * dilation, std::int64_t{1} << 30) * jump);
}

template <class Number>
Number sum(const std::vector<LayerNumbers>& layers, Number LayerNumbers::*member) {
    Number total = 0;
    for (const LayerNumbers& l : layers)
        if (__builtin_add_overflow(total, l.*member, &total)) return std::numeric_limits<Number>::max();
    return total;
}

/// The receptive fields of an output.
struct Field {
    Size2 size, jump;
    Size2 spread;           ///< Size of the last output with a window; a Flatten keeps it.
    int top = 0, left = 0;  ///< First pixel of the first receptive field.
};

/// Returns the field of `inputs` together. Entry i + 1 of `fields` and `shapes` is that of layer i.
Field joined(const std::vector<int>& inputs, const std::vector<Field>& fields, const std::vector<Shape>& shapes,
             const Shape& output) {
    const auto at = [](int layer) { return static_cast<std::size_t>(layer + 1); };
    const auto first =
        std::ranges::find_if(inputs, [&](int i) { return shapes[at(i)].h == output.h && shapes[at(i)].w == output.w; });
    Field all = fields[at(first == inputs.end() ? inputs.front() : *first)];
    for (const int i : inputs) {
        const Field& f = fields[at(i)];
        const int top = std::min(all.top, f.top), left = std::min(all.left, f.left);
        all.size = {bounded(std::max(std::int64_t{all.top} + all.size.h, std::int64_t{f.top} + f.size.h) - top),
                    bounded(std::max(std::int64_t{all.left} + all.size.w, std::int64_t{f.left} + f.size.w) - left)};
        all.top = top, all.left = left;
        if (shapes[at(i)].h != output.h || shapes[at(i)].w != output.w) continue;  // broadcast
        all.jump = {std::max(all.jump.h, f.jump.h), std::max(all.jump.w, f.jump.w)};
        all.spread = {std::max(all.spread.h, f.spread.h), std::max(all.spread.w, f.spread.w)};
    }
    return all;
}

}  // namespace

std::size_t NetworkNumbers::parameters() const { return sum(layers, &LayerNumbers::parameters); }
std::uint64_t NetworkNumbers::multiply_accumulates() const { return sum(layers, &LayerNumbers::multiply_accumulates); }
std::size_t NetworkNumbers::bytes() const { return sum(layers, &LayerNumbers::bytes); }

NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input) {
    NetworkNumbers result;
    std::vector<Shape> shapes{input};
    std::vector<Field> fields{{{1, 1}, {1, 1}, {input.h, input.w}, 0, 0}};
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) {
        const LayerSpec& layer = layers[static_cast<std::size_t>(i)];
        const std::vector<Shape> read = input_shapes(layers, i, shapes);
        const auto output = output_shape(layer, read);
        if (!output) {
            result.stopped = output.error().message;
            break;
        }
        Field f = joined(inputs_of(layers, i), fields, shapes, *output);
        if (const auto window = window_of(layer.operation, f.spread)) {
            f.top = bounded(f.top - std::int64_t{window->padding.top} * f.jump.h);
            f.left = bounded(f.left - std::int64_t{window->padding.left} * f.jump.w);
            f.size = {wider(f.size.h, window->kernel_size.h, window->dilation.h, f.jump.h),
                      wider(f.size.w, window->kernel_size.w, window->dilation.w, f.jump.w)};
            f.jump = {bounded(std::int64_t{f.jump.h} * window->stride.h),
                      bounded(std::int64_t{f.jump.w} * window->stride.w)};
            f.spread = {output->h, output->w};
        }
        result.layers.push_back({layer.name, type_name(layer.operation), *output, parameter_count(layer.operation),
                                 multiply_accumulates(layer.operation, read.front(), *output),
                                 output->count() * sizeof(float), f.size, f.jump, f.top, f.left});
        shapes.push_back(*output);
        fields.push_back(f);
    }
    return result;
}

}  // namespace convlens
