/// Editing of kernels: which kernels of a document the user can edit, and how edited kernels are stored in it.
#pragma once

#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// Returns the index of the convolution whose kernel c produces channel c of layer `layer`: that layer itself if it
/// is a convolution; otherwise the last convolution before it, provided that every layer after that convolution, up
/// to and including `layer`, computes channel c from channel c of one input alone (ChannelFlow::same). Returns -1 if
/// there is none.
int kernel_layer(const Network& network, int layer);

/// Weight and bias of one convolution of a document, for the kernel editor.
struct CustomKernels {
    std::string layer;  ///< Name of the layer.
    /// (C_out, C_in/groups, KH, KW). C_in/groups is 1 for single-channel kernels that Kernels::gray applies to color
    /// images.
    std::shared_ptr<const Tensor> weight;
    SharedValues bias;  ///< C_out values; null if the layer has no bias.
};

/// Returns the kernels that produce the channels of layer `layer`. `built` is the network that was evaluated last; it
/// may belong to an older state of the document. Returns nullopt if no convolution produces these channels, or if the
/// shape of the kernels in `built` shows that they are not the document's.
std::optional<CustomKernels> custom_kernels(const Document& document, const Network& built, int layer);

/// Returns true unless `document` has random kernels or weights that differ from those of `evaluated`, the document of
/// the network that was evaluated last: kernels of that network are then not those of `document`, even if their shapes
/// are equal.
bool same_random_kernels(const Document& document, const Document& evaluated);

/// Stores `kernels` in the document and appends ", edited" to the title of its kernels or network. In a ConvChain, the
/// number of kernels and kernel_size may change; in a LayeredNetwork they must stay the same.
void put_kernels(Document& document, const Network& built, CustomKernels kernels);

}  // namespace convlens
