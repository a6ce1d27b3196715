/// The sliding window's job on the worker: the padded input and the output of one channel as pictures.
#pragma once

#include "app/ui/tools/slide/slide_scene.h"
#include "engine/core/cancel.h"
#include "engine/document/evaluate.h"
#include "engine/explain/explain.h"
#include "engine/nn/backend.h"

namespace convlens {

/// Makes the scene for output channel `channel` of the layer whose sliding window produces the output on screen. Reuses
/// the pictures of `before` (may be empty) if they are still valid. If no layer with a window produces the output, the
/// scene has no pictures.
Expected<SlideScene> make_slide_scene(const Output& output, int channel, const SlideScene& before, Backend& backend,
                                      const Cancel& cancel);

}  // namespace convlens
