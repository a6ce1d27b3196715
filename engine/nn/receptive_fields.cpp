/// Receptive fields, layer by layer.
#include "engine/nn/receptive_fields.h"

#include "engine/nn/layer_numbers.h"
#include "engine/nn/network_specs.h"

namespace convlens {

ReceptiveFields receptive_fields(const Network& network, const Shape& input, int layer) {
    const std::vector<LayerSpec> specs = specs_of(network);
    const NetworkNumbers numbers = layer_numbers(specs, input);
    ReceptiveFields fields;
    Shape shape = input;
    for (std::size_t i = 0; i <= static_cast<std::size_t>(layer); ++i) {
        // Each layer moves the first window by its padding, in steps of the layers before it.
        if (const auto window = window_of(specs[i].operation, {shape.h, shape.w})) {
            fields.top -= window->padding.top * fields.jump.h;
            fields.left -= window->padding.left * fields.jump.w;
        }
        fields.jump = numbers.layers[i].jump;
        fields.size = numbers.layers[i].receptive_field;
        shape = numbers.layers[i].output;
    }
    return fields;
}

}  // namespace convlens
