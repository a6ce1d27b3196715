/// Shapes, costs and receptive fields of a network.
#include "engine/nn/layer_numbers.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "engine/core/overloaded.h"
#include "engine/nn/parameters.h"

namespace convlens {
namespace {

/// What slides over a layer's input.
struct Window {
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
};

/// Rows (or columns) of the largest bin of an AdaptiveAvgPool2d. With input = q * output + r, bin i has
/// q + ceil((i+1) r / output) - floor(i r / output) rows: q for r = 0, q + 1 where its ends always hit a border between
/// rows, that is, where r divides output, and q + 2 somewhere else.
int largest_bin(int input, int output) {
    const int rest = input % output;
    return input / output + (rest == 0 ? 0 : output % rest == 0 ? 1 : 2);
}

/// The window of a layer on an input of `rows_columns`; none for layers that work on each value.
std::optional<Window> window_of(const OperationSpec& spec, Size2 in) {
    using Found = std::optional<Window>;
    return std::visit(Overloaded{[](const Conv2dSpec& s) -> Found {
                                     return Window{s.kernel_size, s.params.stride, s.params.dilation};
                                 },
                                 [](const LocallyConnected2dSpec& s) -> Found {
                                     return Window{s.kernel_size, s.stride, {1, 1}};
                                 },
                                 [](const MaxPool2d& p) -> Found {
                                     return Window{p.kernel_size, p.stride, p.dilation};
                                 },
                                 [](const AvgPool2d& p) -> Found {
                                     return Window{p.kernel_size, p.stride, {1, 1}};
                                 },
                                 [&](const AdaptiveAvgPool2d& p) -> Found {
                                     const Size2 out = p.output_size;
                                     return Window{{largest_bin(in.h, out.h), largest_bin(in.w, out.w)},
                                                   {(in.h + out.h - 1) / out.h, (in.w + out.w - 1) / out.w},
                                                   {1, 1}};
                                 },
                                 [&](const LinearSpec&) -> Found {
                                     return Window{in, {1, 1}, {1, 1}};
                                 },
                                 [](const auto&) -> Found { return std::nullopt; }},
                      spec);
}

int bounded(std::int64_t value) { return static_cast<int>(std::min<std::int64_t>(value, std::int64_t{1} << 30)); }

int wider(int field, int kernel, int dilation, int jump) {
    return bounded(field + std::min<std::int64_t>((std::int64_t{kernel} - 1) * dilation, std::int64_t{1} << 30) * jump);
}

std::size_t sum(const std::vector<LayerNumbers>& layers, std::size_t LayerNumbers::*member) {
    std::size_t total = 0;
    for (const LayerNumbers& l : layers)
        if (__builtin_add_overflow(total, l.*member, &total)) return std::numeric_limits<std::size_t>::max();
    return total;
}

}  // namespace

std::size_t NetworkNumbers::parameters() const { return sum(layers, &LayerNumbers::parameters); }
std::size_t NetworkNumbers::multiply_accumulates() const { return sum(layers, &LayerNumbers::multiply_accumulates); }
std::size_t NetworkNumbers::bytes() const { return sum(layers, &LayerNumbers::bytes); }

NetworkNumbers layer_numbers(const std::vector<LayerSpec>& layers, const Shape& input) {
    NetworkNumbers result;
    Shape shape = input;
    Size2 field{1, 1}, jump{1, 1};
    Size2 spread{input.h, input.w};  ///< Rows and columns that the values stand for, also once flattened.
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
