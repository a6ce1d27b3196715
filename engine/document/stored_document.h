/// A document that undo keeps, without what it shares with the next one.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/document/document.h"

namespace convlens {

/// Returns the bytes of loaded parts (images, tensors, kernels, weights) of `a` that `b` does not share.
std::size_t bytes_only_in(const Document& a, const Document& b);

/// A document as its difference from a neighbor, the document before or after it. Where the two have a weight tensor of
/// the same shape and less than an eighth of its values differ, as after an edit of one kernel, only these values are
/// kept. History stores its steps as such objects.
class StoredDocument {
  public:
    /// Stores `document`.
    StoredDocument(Document document, const Document& neighbor);

    /// Returns the stored document, with the same values. Its tensors may be new objects. `neighbor` must be equal to
    /// the constructor's.
    Document restore(const Document& neighbor) const;

    /// Returns how many bytes are kept only for this object.
    std::size_t bytes() const { return bytes_; }

  private:
    /// The values of a weight tensor that differ from the neighbor's.
    struct Patch {
        std::string parameter;  ///< Name in the state dict; empty for the kernels of a ConvChain.
        std::vector<std::size_t> indices;
        std::vector<float> values;
    };

    Document document_;  ///< The tensors that `patches_` describe are null.
    std::vector<Patch> patches_;
    std::size_t bytes_;
};

}  // namespace convlens
