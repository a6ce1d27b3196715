/// Comparison of a document (the state that determines what is computed and drawn) with a second one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/document/document.h"
#include "engine/nn/backend.h"
#include "engine/open/open.h"

namespace convlens {

/// What document A is compared with: the kind of document B.
enum class CompareTarget {
    edges,    ///< One convolution with the hand-crafted filters of edge_kernels().
    random,   ///< The same network, or the same single convolution, with random weights.
    alexnet,  ///< One convolution with the kernels of AlexNet's first layer.
    kept,     ///< A document that the user has kept earlier: CompareTargetChoice::kept.
    layer,    ///< Another layer of the same network.
};

/// A CompareTarget with its parameters.
struct CompareTargetChoice {
    CompareTarget kind = CompareTarget::random;
    std::uint32_t seed = 1;        ///< Seed of the random weights of CompareTarget::random.
    std::optional<Document> kept;  ///< The document of CompareTarget::kept.
    std::string layer;             ///< Name of the layer of CompareTarget::layer.
    friend bool operator==(const CompareTargetChoice&, const CompareTargetChoice&) = default;
};

/// Returns document B, with which `a` is compared. B has the input of `a`, resized and normalized as for `a`, so that
/// the same numbers enter both networks (unless B's network requires an image size and `a` has none). B has the display
/// options of `a`, but shows all channels in the order of their index. If both are one convolution, B uses the stride
/// of `a` and the padding with which its feature maps have the same size as those of `a`, if there is such a padding.
/// Fails if AlexNet's kernels can't be read, or if choice.kind is CompareTarget::kept without a document.
Expected<Document> make_comparison_document(const Document& a, const CompareTargetChoice& choice, const Assets& assets);

/// The elementwise difference a - b of two outputs.
struct MapDifference {
    Tensor values;          ///< (1, C, H, W).
    double largest = 0;     ///< Largest absolute difference.
    double mean = 0;        ///< Mean absolute difference.
    std::size_t equal = 0;  ///< Number of equal values.
};

/// Returns the difference a - b of the two outputs for batch item `item`. If the numbers of channels, rows or columns
/// differ, fails with a message that contains both shapes.
Expected<MapDifference> difference_of(const Activations& a, const Activations& b, int item);

}  // namespace convlens
