/// Changing the layers of a document's network.
#pragma once

#include <string_view>
#include <vector>

#include "engine/document/document.h"
#include "engine/nn/architecture.h"

namespace convlens {

// Each makes the document's network one of its own layers, "own layers", which keeps the weights and the treatment of
// the input where it had them. The layer that is shown stays the same one by name.

void make_own(Document& document, const std::vector<LayerSpec>& layers);
void replace_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, LayerSpec spec);
void move_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, int by);

/// The neighbor is shown then. The last layer stays.
void remove_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index);

/// Puts a layer of that type, one of layer_types(), behind layer `index`, whose output has shape `output`; its sizes
/// are chosen so that it fits.
void add_layer(Document& document, const std::vector<LayerSpec>& layers, std::size_t index, std::string_view type,
               const Shape& output);

}  // namespace convlens
