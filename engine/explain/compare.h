/// Comparison of a document with a second one, and the difference of two results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/backend.h"
#include "engine/open/open.h"

namespace convlens {

/// What document A is compared with.
enum class CompareTarget {
    edges,    ///< The hand-made filters.
    random,   ///< The same network, or the same single convolution, with random weights.
    alexnet,  ///< AlexNet's first layer.
    kept,     ///< Another document.
    layer,    ///< Another layer of the same network.
};

struct CompareTargetChoice {
    CompareTarget kind = CompareTarget::random;
    std::uint32_t seed = 1;        ///< Seed of the random weights of CompareTarget::random.
    std::optional<Document> kept;  ///< The document of CompareTarget::kept.
    std::string layer;             ///< Name of the layer of CompareTarget::layer.
    friend bool operator==(const CompareTargetChoice&, const CompareTargetChoice&) = default;
};

/// Returns the document to compare `a` with. The result has the input of `a` with the effective size and normalization
/// of `a`, so that the same numbers enter both networks (unless the other network requires an image size and `a` has
/// none). It has the display options of `a` with the channels sorted by index. If `a` is one convolution and a
/// padding gives the other bank maps of the same size, the result uses it and the stride of `a`. Fails if AlexNet's
/// kernels can't be read, or if `choice` is CompareTarget::kept without a document.
Expected<Document> make_comparison_document(const Document& a, const CompareTargetChoice& choice, const Assets& assets);

/// The elementwise difference a - b of two outputs.
struct MapDifference {
    Tensor values;          ///< (1, C, H, W).
    double largest = 0;     ///< Largest absolute difference.
    double mean = 0;        ///< Mean absolute difference.
    std::size_t equal = 0;  ///< Number of equal values.
};

/// Computes the difference of batch item `item` of `a` and of `b`. Fails with a message that contains both shapes if
/// the numbers of channels, rows or columns differ.
Expected<MapDifference> difference_of(const Activations& a, const Activations& b, int item);

}  // namespace convlens
