/// Turns any network into custom layers.
#include "app/ui/panels/network_edit.h"

#include <algorithm>

namespace convlens {
namespace {

/// Returns the first of the names stem1, stem2, ... that no layer has.
std::string free_name(const std::vector<LayerSpec>& layers, std::string_view stem) {
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
    architecture.name = "Custom layers";
    architecture.layers = layers;
    LayeredNetwork own{KnownNetwork::own, std::make_shared<const Architecture>(std::move(architecture)),
                       RandomWeights{}};
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

void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output) {
    const auto kind = spec_of_type(type);
    if (!kind) return;
    std::vector<LayerSpec> changed = layers;
    LayerSpec spec{free_name(layers, name_stem(*kind)), example_of(*kind, output)};
    document.layer = spec.name;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(index) + 1, std::move(spec));
    make_own(document, changed);
}

}  // namespace convlens
