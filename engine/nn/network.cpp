/// What every layer has in common.
#include "engine/nn/network.h"

namespace convlens {

Expected<Shape> output_shape(const Layer& layer, const Shape& input) {
    return std::visit([&](const auto& operation) { return output_shape(operation, input); }, layer.operation)
        .map_error([&](Error error) {
            error.message = fmt::format("{}: {}", layer.name, error.message);
            return error;
        });
}

std::size_t multiply_accumulates(const Layer& layer, const Shape& output) {
    return std::visit([&](const auto& operation) { return multiply_accumulates(operation, output); }, layer.operation);
}

}  // namespace convlens
