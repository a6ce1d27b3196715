/// Edits the layers of a document's network.
#pragma once

#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/architecture.h"

namespace convlens {

// Each function turns the document's network into custom layers and keeps the weights and the preprocessing of the
// input where they exist. The layer on screen stays the same one by name.

void make_own(Document& document, const std::vector<LayerSpec>& layers);
void replace_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, LayerSpec spec);
void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by);

/// Shows the neighbor of the removed layer. Does not remove the only layer.
void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index);

/// Inserts a layer of type `type`, one of layer_types(), after layer `index`, whose output has shape `output`. The
/// sizes of the new layer are chosen so that it fits.
void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output);

}  // namespace convlens
