/// User-edited kernels: which kernels can be edited, and how edits are stored in the document.
#pragma once

#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// Returns the index of the convolution of which each kernel produces one channel of layer `layer`: that layer, or an
/// earlier one followed only by layers that keep channels separate. Returns -1 if there is none.
int kernel_layer(const Network& network, int layer);

/// Weight and bias of one convolution of a document, as edited by the user.
struct CustomKernels {
    std::string layer;  ///< Name of the layer.
    /// (C_out, C_in/groups, KH, KW). Single-channel kernels, which Kernels::gray applies to color images, have one
    /// input channel.
    std::shared_ptr<const Tensor> weight;
    SharedValues bias;  ///< C_out values, or null.
};

/// Returns the kernels that produce the channels of layer `layer`. `built` is the network that ran last and may be
/// older than the document. Returns nullopt if no convolution produces those channels or its weights are not known yet.
std::optional<CustomKernels> custom_kernels(const Document& document, const Network& built, int layer);

/// Stores `kernels` in the document and appends ", edited" to the title of its kernels or network. The convolution of a
/// ConvChain may get another number of kernels or another kernel_size; in a network of many layers both must stay the
/// same.
void put_kernels(Document& document, const Network& built, CustomKernels kernels);

}  // namespace convlens
