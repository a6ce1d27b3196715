/// Comparison of a document with a second one, and the difference of two results.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/backend.h"
#include "engine/open/open.h"

namespace convlens {

/// What a document is compared with.
enum class CompareTarget {
    edges,    ///< The hand-made filters.
    random,   ///< Random weights of the same shapes: of the same network, or of one convolution.
    alexnet,  ///< AlexNet's first layer.
    kept,     ///< Another document.
    layer,    ///< Another layer of the same network.
};

struct CompareTargetChoice {
    CompareTarget kind = CompareTarget::random;
    std::uint32_t seed = 1;        ///< Used by CompareTarget::random.
    std::optional<Document> kept;  ///< Used by CompareTarget::kept.
    std::string layer;             ///< Used by CompareTarget::layer.
    friend bool operator==(const CompareTargetChoice&, const CompareTargetChoice&) = default;
};

/// Returns the document to compare `a` with. It uses the picture of `a` with its effective size and normalization, so
/// that the same numbers enter both networks (except for a network that requires a size where `a` has none), and the
/// display options of `a` with the channels sorted by index. For a bank with another kernel size compared with one
/// convolution, it uses the stride of that convolution and, if there is one, the padding that gives maps of the same
/// size. Fails when AlexNet's kernels can't be read, or nothing was kept.
Expected<Document> make_comparison_document(const Document& a, const CompareTargetChoice& choice, const Assets& assets);

/// a - b, value by value.
struct MapDifference {
    Tensor values;          ///< (1, C, H, W).
    double largest = 0;     ///< Largest absolute difference.
    double mean = 0;        ///< Mean absolute difference.
    std::size_t equal = 0;  ///< Number of equal values.
};

/// Computes the difference of batch item `item` of both. Fails with a message that contains both shapes if the numbers
/// of channels, rows or columns differ.
Expected<MapDifference> difference_of(const Activations& a, const Activations& b, int item);

}  // namespace convlens
