/// Turns any network into custom layers.
#include "app/ui/panels/network_edit.h"

#include <algorithm>

#include "engine/nn/graph.h"

namespace convlens {
namespace {

/// Returns the inputs of all layers, none of them empty.
std::vector<std::vector<int>> all_inputs(const std::vector<LayerSpec>& layers) {
    std::vector<std::vector<int>> inputs;
    for (int i = 0; i < static_cast<int>(layers.size()); ++i) inputs.push_back(inputs_of(layers, i));
    return inputs;
}

/// Stores the inputs of all layers.
void put_inputs(std::vector<LayerSpec>& layers, std::vector<std::vector<int>> inputs) {
    for (std::size_t i = 0; i < layers.size(); ++i)
        layers[i].inputs = stored_inputs(static_cast<int>(i), std::move(inputs[i]));
}

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

bool can_move(const std::vector<LayerSpec>& layers, std::size_t index, int by) {
    const auto other = static_cast<std::size_t>(static_cast<std::ptrdiff_t>(index) + by);
    if (other >= layers.size()) return false;
    const int first = static_cast<int>(std::min(index, other)), second = first + 1;
    const auto inputs = all_inputs(layers);
    const auto& read = inputs[static_cast<std::size_t>(second)];
    if (std::ranges::find(read, first) == read.end()) return true;
    const auto reads_first = [&](const std::vector<int>& i) { return std::ranges::find(i, first) != i.end(); };
    return read.size() == 1 && inputs[static_cast<std::size_t>(first)].size() == 1 &&
           std::ranges::count_if(inputs, reads_first) == 1;
}

void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by) {
    if (!can_move(layers, index, by)) return;
    const std::size_t first = by < 0 ? index - 1 : index, second = first + 1;
    const int a = static_cast<int>(first), b = static_cast<int>(second);
    auto inputs = all_inputs(layers);
    std::vector<LayerSpec> changed = layers;
    std::swap(changed[first], changed[second]);
    if (inputs[second] == std::vector{a}) {  // the second becomes the input of the first; who read it reads the first
        inputs[second] = {a};
    } else {  // two branches: only the order changes
        std::swap(inputs[first], inputs[second]);
        for (std::size_t i = second + 1; i < inputs.size(); ++i)
            for (int& from : inputs[i]) from = from == a ? b : from == b ? a : from;
    }
    put_inputs(changed, std::move(inputs));
    make_own(document, changed);
}

void read_layers(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::vector<int> inputs) {
    std::vector<LayerSpec> changed = layers;
    changed[index].inputs = stored_inputs(static_cast<int>(index), std::move(inputs));
    make_own(document, changed);
}

void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index) {
    if (layers.size() < 2) return;
    const int gone = static_cast<int>(index);
    auto inputs = all_inputs(layers);
    const int before = inputs[index].front();
    for (std::size_t i = index + 1; i < inputs.size(); ++i)
        for (int& from : inputs[i]) from = from == gone ? before : from > gone ? from - 1 : from;
    std::vector<LayerSpec> changed = layers;
    changed.erase(changed.begin() + gone);
    inputs.erase(inputs.begin() + gone);
    put_inputs(changed, std::move(inputs));
    document.layer = changed[std::min(index, changed.size() - 1)].name;
    make_own(document, changed);
}

void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output) {
    const auto kind = spec_of_type(type);
    if (!kind) return;
    const int before = static_cast<int>(index);
    auto inputs = all_inputs(layers);
    for (std::size_t i = index + 1; i < inputs.size(); ++i)
        for (int& from : inputs[i]) from += from >= before ? 1 : 0;
    std::vector<LayerSpec> changed = layers;
    LayerSpec spec{free_name(layers, name_stem(*kind)), example_of(*kind, output)};
    document.layer = spec.name;
    changed.insert(changed.begin() + before + 1, std::move(spec));
    inputs.insert(inputs.begin() + before + 1, {before});
    put_inputs(changed, std::move(inputs));
    make_own(document, changed);
}

}  // namespace convlens
