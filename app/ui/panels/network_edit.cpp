/// Own layers out of any network.
#include "app/ui/panels/network_edit.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>

namespace convlens {
namespace {

struct NewLayer {
    std::string_view type;
    const char* stem;  ///< Of its name.
    OperationSpec (*make)(const Shape& input);
};

const NewLayer new_layers[] = {
    {"Conv2d", "conv",
     [](const Shape& s) {
         Conv2dSpec conv{s.c, 8, {3, 3}, {}, true};
         conv.params.padding = {1, 1};
         return OperationSpec(conv);
     }},
    {"ReLU", "relu", [](const Shape&) { return OperationSpec(ReLU{}); }},
    {"LeakyReLU", "leakyrelu", [](const Shape&) { return OperationSpec(LeakyReLU{}); }},
    {"Sigmoid", "sigmoid", [](const Shape&) { return OperationSpec(Sigmoid{}); }},
    {"Tanh", "tanh", [](const Shape&) { return OperationSpec(Tanh{}); }},
    {"MaxPool2d", "pool", [](const Shape&) { return OperationSpec(MaxPool2d{}); }},
    {"AvgPool2d", "avgpool", [](const Shape&) { return OperationSpec(AvgPool2d{}); }},
    {"AdaptiveAvgPool2d", "adaptivepool", [](const Shape&) { return OperationSpec(AdaptiveAvgPool2d{}); }},
    {"BatchNorm2d", "bn",
     [](const Shape& s) {
         return OperationSpec(BatchNorm2dSpec{s.c, 1e-5F, true});
     }},
    {"LocallyConnected2d", "local",
     [](const Shape& s) {
         return OperationSpec(LocallyConnected2dSpec{
             s.c, 4, {std::max(s.h - 2, 1), std::max(s.w - 2, 1)}, {std::min(s.h, 3), std::min(s.w, 3)}, {1, 1}, true});
     }},
    {"Flatten", "flatten", [](const Shape&) { return OperationSpec(Flatten{}); }},
    {"Linear", "fc",
     [](const Shape& s) {
         return OperationSpec(LinearSpec{s.c * s.h * s.w, 10, true});
     }},
    {"Dropout", "dropout", [](const Shape&) { return OperationSpec(Dropout{}); }},
    {"Softmax", "softmax", [](const Shape&) { return OperationSpec(Softmax{}); }},
};

/// The first of stem1, stem2, ... that no layer has.
std::string free_name(const std::vector<LayerSpec>& layers, const char* stem) {
    for (int i = 1;; ++i) {
        const std::string name = fmt::format("{}{}", stem, i);
        if (std::none_of(layers.begin(), layers.end(), [&](const LayerSpec& l) { return l.name == name; })) return name;
    }
}

}  // namespace

void make_own(Document& document, const std::vector<LayerSpec>& layers) {
    const auto* before = std::get_if<LayeredNetwork>(&document.network);
    Architecture architecture;
    if (before) architecture = *before->architecture;
    architecture.name = "Own layers";
    architecture.layers = layers;
    LayeredNetwork own{"own", std::make_shared<const Architecture>(std::move(architecture)), RandomWeights{}};
    if (before) own.weights = before->weights;
    document.network = std::move(own);
}

void replace_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, LayerSpec spec) {
    std::vector<LayerSpec> changed = layers;
    changed[index] = std::move(spec);
    make_own(document, changed);
}

void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by) {
    const auto other = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(index) + by);
    if (other >= layers.size()) return;
    std::vector<LayerSpec> changed = layers;
    std::swap(changed[index], changed[other]);
    make_own(document, changed);
}

void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index) {
    if (layers.size() < 2) return;
    std::vector<LayerSpec> changed = layers;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(index));
    document.layer = changed[std::min(index, changed.size() - 1)].name;
    make_own(document, changed);
}

std::span<const std::string_view> new_layer_names() {
    static const auto names = [] {
        std::array<std::string_view, std::size(new_layers)> all;
        std::transform(std::begin(new_layers), std::end(new_layers), all.begin(),
                       [](const NewLayer& l) { return l.type; });
        return all;
    }();
    return names;
}

void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output) {
    const auto* known =
        std::find_if(std::begin(new_layers), std::end(new_layers), [&](const NewLayer& l) { return l.type == type; });
    if (known == std::end(new_layers)) return;
    std::vector<LayerSpec> changed = layers;
    LayerSpec spec{free_name(layers, known->stem), known->make(output)};
    document.layer = spec.name;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(spec));
    make_own(document, changed);
}

}  // namespace convlens
