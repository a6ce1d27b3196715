/// Edits the layers of a document's network.
#pragma once

#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/architecture.h"

namespace convlens {

// Each function turns the document's network into custom layers. Existing weights and the preprocessing of the input
// are kept. The layer on screen stays the one with the same name.

void make_own(Document& document, const std::vector<LayerSpec>& layers);
void replace_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, LayerSpec spec);
void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by);

/// Removes layer `index` and shows its neighbor. Does nothing if it is the only layer.
void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index);

/// Inserts a layer of type `type`, one of layer_types(), after layer `index`, whose output has shape `output`. The
/// sizes of the new layer are chosen so that it fits.
void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output);

}  // namespace convlens
