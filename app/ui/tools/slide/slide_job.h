/// The sliding window's work on the worker thread: draws the padded input and one output channel.
#pragma once

#include "app/ui/tools/slide/slide_scene.h"
#include "engine/core/cancel.h"
#include "engine/document/evaluate.h"
#include "engine/explain/explain.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Draws the pictures for output channel `channel` of the layer that computes the displayed values: the displayed layer
/// or, if that transforms each value separately, an earlier one. Returns `before` (may be empty) if it still shows the
/// same. The result has no pictures if that layer has no sliding window, if a Flatten follows it, or if the channel
/// does not exist. `backend` must be the one that made `output`. Fails if canceled or if the backend fails.
Expected<SlideScene> make_slide_scene(const Output& output, int channel, const SlideScene& before, Backend& backend,
                                      const Cancel& cancel);

}  // namespace convlens
