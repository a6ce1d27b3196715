/// User-edited kernels: which kernels can be edited, and how edits are stored in the document.
#pragma once

#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// Returns the index of the convolution whose kernels produce the channels of layer `layer` one by one: that layer, or
/// an earlier one followed only by layers that keep channels separate. Returns -1 if there is none.
int kernel_layer(const Network& network, int layer);

/// Weight and bias of one convolution of a document, as edited by the user.
struct CustomKernels {
    std::string layer;  ///< Name of the layer.
    /// (C_out, C_in/groups, KH, KW); one input channel for kernels that are defined on gray images.
    std::shared_ptr<const Tensor> weight;
    SharedValues bias;  ///< C_out values, or null.
};

/// Returns the kernels that produce the channels of layer `layer`. `built` is the network that ran last and may be
/// older than the document. Returns nothing if no convolution produces them or its weights are not known yet.
std::optional<CustomKernels> custom_kernels(const Document& document, const Network& built, int layer);

/// Stores `kernels` in the document. The title then ends in ", edited". The convolution of a ConvChain may get another
/// number of kernels or another kernel_size; in a network of many layers both must stay the same.
void put_kernels(Document& document, const Network& built, CustomKernels kernels);

}  // namespace convlens
