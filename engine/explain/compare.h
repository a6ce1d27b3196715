/// What a document is compared with, and how far two results are apart.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/backend.h"
#include "engine/open/open.h"

namespace convlens {

/// What stands beside a document.
enum class CompareTarget {
    edges,    ///< The hand-made filters.
    random,   ///< Fresh weights in the same shapes: of the same network, or of one convolution.
    alexnet,  ///< AlexNet's first layer.
    kept,     ///< Another document.
    layer,    ///< Another layer of the same network.
};

struct CompareTargetChoice {
    CompareTarget kind = CompareTarget::random;
    std::uint32_t seed = 1;        ///< Of CompareTarget::random.
    std::optional<Document> kept;  ///< Of CompareTarget::kept.
    std::string layer;             ///< Of CompareTarget::layer.
    friend bool operator==(const CompareTargetChoice&, const CompareTargetChoice&) = default;
};

/// The document to compare `a` with. It takes over a's picture, and size and normalization as they are in force in `a`,
/// so that the same numbers enter both (but for a network that insists on a size where `a` has none), and a's look with
/// the channels in the order of their numbers. A bank of another kernel size beside one convolution takes its stride
/// and the padding that gives maps of the same size where there is one. Fails when AlexNet's kernels can't be read, or
/// nothing was kept.
Expected<Document> make_comparison_document(const Document& a, const CompareTargetChoice& choice, const Assets& assets);

/// a - b, value by value.
struct MapDifference {
    Tensor values;          ///< (1, C, H, W).
    double largest = 0;     ///< Largest magnitude.
    double mean = 0;        ///< Mean magnitude.
    std::size_t equal = 0;  ///< How many values are the same.
};

/// The difference of batch item `item` of both. Fails, naming both shapes, where channels, rows or columns differ in
/// number.
Expected<MapDifference> difference_of(const Activations& a, const Activations& b, int item);

}  // namespace convlens
