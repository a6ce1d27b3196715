/// The worker's part of the sliding window: the padded input and the output of one channel as pictures.
#pragma once

#include "app/ui/tools/slide/slide_scene.h"
#include "engine/core/cancel.h"
#include "engine/document/evaluate.h"
#include "engine/explain/explain.h"
#include "engine/nn/backend.h"

namespace convlens {

/// The stage for output channel `channel` of the layer with a window that made what is shown. `before` (may be empty)
/// gives its pictures again when they are of the same. A layer without a window gives a stage without pictures.
Expected<SlideScene> make_slide_scene(const Output& output, int channel, const SlideScene& before, Backend& backend,
                                      const Cancel& cancel);

}  // namespace convlens
