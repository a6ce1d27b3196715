/// Documents between two documents, for animations.
#pragma once

#include "engine/document/document.h"

namespace convlens {

/// Returns a document on the way from `from` (t = 0) to `to` (t = 1). Whole numbers that differ (stride, padding,
/// dilation, shift, crop, the number and the size of random kernels) are rounded; gain, limits of a fixed color scale
/// and the values of loaded kernels of the same shape change continuously. Everything else is that of `to`.
Document document_between(const Document& from, const Document& to, double t);

}  // namespace convlens
