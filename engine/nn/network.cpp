/// Output shape of a layer of any kind.
#include "engine/nn/network.h"

namespace convlens {

Expected<Shape> output_shape(const Layer& layer, const Shape& input) {
    const auto* conv = std::get_if<Conv2d>(&layer.operation);
    auto output = conv ? output_shape(*conv, input) : output_shape(spec_of(layer.operation), input);
    if (!output) return fail("{}: {}", layer.name, output.error().message);
    return output;
}

Expected<Shape> output_shape(const Layer& layer, std::span<const Shape> inputs) {
    if (inputs.size() == 1) return output_shape(layer, inputs.front());
    auto output = output_shape(spec_of(layer.operation), inputs);
    if (!output) return fail("{}: {}", layer.name, output.error().message);
    return output;
}

}  // namespace convlens
