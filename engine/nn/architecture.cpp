/// The built-in networks, and lookup of layers.
#include "engine/nn/architecture.h"

#include "engine/core/numbers.h"

namespace convlens {
namespace {

Conv2dSpec conv(int in, int out, int kernel, int stride = 1, int padding = 0) {
    Conv2dSpec spec{in, out, {kernel, kernel}, {}, true};
    spec.params.stride = {stride, stride};
    spec.params.padding = {padding, padding};
    return spec;
}

MaxPool2d max_pool(int kernel, int stride) { return {{kernel, kernel}, {stride, stride}, {0, 0}, {1, 1}, false}; }

}  // namespace

Architecture largenet() {
    return {"LargeNet",
            Size2{32, 32},
            Normalize::half,
            {{"conv1", conv(3, 5, 5)},
             {"relu1", ReLU{}},
             {"pool1", max_pool(2, 2)},
             {"conv2", conv(5, 10, 5)},
             {"relu2", ReLU{}},
             {"pool2", max_pool(2, 2)},
             {"fc1", LinearSpec{250, 32, true}},
             {"relu3", ReLU{}},
             {"fc2", LinearSpec{32, 1, true}}}};
}

Architecture alexnet() {
    return {"AlexNet",
            std::nullopt,
            Normalize::imagenet,
            {{"features.0", conv(3, 64, 11, 4, 2)},
             {"features.1", ReLU{}},
             {"features.2", max_pool(3, 2)},
             {"features.3", conv(64, 192, 5, 1, 2)},
             {"features.4", ReLU{}},
             {"features.5", max_pool(3, 2)},
             {"features.6", conv(192, 384, 3, 1, 1)},
             {"features.7", ReLU{}},
             {"features.8", conv(384, 256, 3, 1, 1)},
             {"features.9", ReLU{}},
             {"features.10", conv(256, 256, 3, 1, 1)},
             {"features.11", ReLU{}},
             {"features.12", max_pool(3, 2)},
             {"avgpool", AdaptiveAvgPool2d{{6, 6}}},
             {"classifier.0", Dropout{}},
             {"classifier.1", LinearSpec{256 * 6 * 6, 4096, true}},
             {"classifier.2", ReLU{}},
             {"classifier.3", Dropout{}},
             {"classifier.4", LinearSpec{4096, 4096, true}},
             {"classifier.5", ReLU{}},
             {"classifier.6", LinearSpec{4096, 1000, true}}}};
}

Expected<int> find_layer(const std::vector<LayerSpec>& layers, std::string_view text) {
    const int count = static_cast<int>(layers.size());
    if (text.empty()) return count - 1;
    for (int i = 0; i < count; ++i)
        if (layers[static_cast<std::size_t>(i)].name == text) return i;
    if (const auto index = parse_number<int>(text); index && *index >= 0 && *index < count) return *index;
    std::vector<std::string_view> names;
    for (const LayerSpec& layer : layers) names.push_back(layer.name);
    return fail("layer '{}' does not exist: expected an index from 0 to {} or one of {}", text, count - 1,
                fmt::join(names, ", "));
}

Expected<Shape> output_shape(const LayerSpec& layer, const Shape& input) {
    auto output = output_shape(layer.operation, input);
    if (!output) return fail("{}: {}", layer.name, output.error().message);
    return output;
}

Expected<Shape> output_shape(const LayerSpec& layer, std::span<const Shape> inputs) {
    auto output = output_shape(layer.operation, inputs);
    if (!output) return fail("{}: {}", layer.name, output.error().message);
    return output;
}

}  // namespace convlens
