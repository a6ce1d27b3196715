/// Batch normalization folded into the layer before it.
#pragma once

#include "engine/document/document.h"

namespace convlens {

/// Returns the document's network without the BatchNorm2d layers that alone read a Conv2d, a ConvTranspose2d or a
/// Linear. Weight and bias of that layer are changed so that it computes the same as both did:
///   scale = bn.weight / sqrt(bn.running_var + eps)
///   weight' = weight * scale (of the output channel)
///   bias' = (bias - bn.running_mean) * scale + bn.bias
/// computed in double precision. The layers' weights are then the document's own. Fails if the document has no such
/// layers, and like build_network().
Expected<LayeredNetwork> fold_batch_norm(const Document& document, int input_channels);

/// Sets document.network to `folded`, a result of fold_batch_norm() of this document. If the shown layer is gone, shows
/// the one before it.
void choose_folded(Document& document, LayeredNetwork folded);

}  // namespace convlens
