/// Shapes, costs and receptive fields of a network.
#include "engine/nn/layer_numbers.h"

#include <algorithm>
#include <limits>

#include "engine/nn/parameters.h"

namespace convlens {
namespace {

int bounded(std::int64_t value) { return static_cast<int>(std::min<std::int64_t>(value, std::int64_t{1} << 30)); }

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

}  // namespace

std::size_t NetworkNumbers::parameters() const { return sum(layers, &LayerNumbers::parameters); }
std::uint64_t NetworkNumbers::multiply_accumulates() const { return sum(layers, &LayerNumbers::multiply_accumulates); }
std::size_t NetworkNumbers::bytes() const { return sum(layers, &LayerNumbers::bytes); }

NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input) {
    NetworkNumbers result;
    Shape shape = input;
    Size2 field{1, 1}, jump{1, 1};
    Size2 spread{input.h, input.w};  // Size of the last output with a window; a Flatten keeps it.
    for (const LayerSpec& layer : layers) {
        const auto output = output_shape(layer, shape);
        if (!output) {
            result.stopped = output.error().message;
            break;
        }
        if (const auto window = window_of(layer.operation, spread)) {
            field = {wider(field.h, window->kernel_size.h, window->dilation.h, jump.h),
                     wider(field.w, window->kernel_size.w, window->dilation.w, jump.w)};
            jump = {bounded(std::int64_t{jump.h} * window->stride.h), bounded(std::int64_t{jump.w} * window->stride.w)};
            spread = {output->h, output->w};
        }
        result.layers.push_back({layer.name, type_name(layer.operation), *output, parameter_count(layer.operation),
                                 multiply_accumulates(layer.operation, shape, *output), output->count() * sizeof(float),
                                 field, jump});
        shape = *output;
    }
    return result;
}

}  // namespace convlens
