/// Kernels that the user has changed: which can be, and how they join the document.
#pragma once

#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/network.h"

namespace convlens {

/// The convolution whose kernels make the channels of layer `layer`'s output one by one: that layer, or one before it
/// with only layers between that keep channels apart. Its index, or -1 where there is none.
int kernel_layer(const Network& network, int layer);

/// Weight and bias of one convolution of a document, as its user edits them.
struct CustomKernels {
    std::string layer;  ///< Its name.
    std::shared_ptr<const Tensor>
        weight;         ///< (C_out, C_in/groups, KH, KW); one input channel for kernels that are defined on gray.
    SharedValues bias;  ///< C_out values, or null.
};

/// The kernels that make the channels of layer `layer`; `built` is the network that ran last and may be a little older
/// than the document. Nothing where no convolution makes them, or its weights are not known yet.
std::optional<CustomKernels> custom_kernels(const Document& document, const Network& built, int layer);

/// Makes `kernels` the document's. The title then ends in ", edited". The convolution of a ConvChain may have got
/// another number of kernels or another kernel_size; in a network of many layers they must stay.
void put_kernels(Document& document, const Network& built, CustomKernels kernels);

}  // namespace convlens
