/// Edits the layers of a document's network.
#pragma once

#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/architecture.h"

namespace convlens {

// Each function gives the document a network of custom layers, made from `layers`, the current layers of its network. A
// LayeredNetwork keeps its weights and the preprocessing of its input; custom layers made from a single convolution
// have random weights. The layer on screen stays the one with the same name, unless noted otherwise.

/// Makes `layers` themselves the custom layers.
void make_own(Document& document, const std::vector<LayerSpec>& layers);

/// Replaces layer `index` by `spec`.
void replace_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, LayerSpec spec);

/// Returns true if layer `index` can be swapped with layer `index + by`, 1 or -1: that exists, and if one reads the
/// other, it reads no other layer and is alone in that.
bool can_move(const std::vector<LayerSpec>& layers, std::size_t index, int by);

/// Swaps layer `index` with layer `index + by`, 1 or -1. Does nothing unless can_move().
void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by);

/// Makes layer `index` read `inputs`, which are layers before it or network_input; at least one. Layers that no layer
/// reads any more stay.
void read_layers(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::vector<int> inputs);

/// Removes layer `index` and shows the layer that takes its place, or the last one. Layers that read it read its first
/// input instead. Does nothing if it is the only layer.
void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index);

/// Inserts a layer of type `type`, one of layer_types(), after layer `index`, and shows it. Layers that read
/// layer `index` read the new one instead. `output` is the output shape of layer `index`, from which the sizes of the
/// new layer are chosen so that it fits.
void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output);

}  // namespace convlens
