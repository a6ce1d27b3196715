/// The moments of a training as a recording shows them: the document with the weights of each, and the loss.
#pragma once

#include <memory>
#include <vector>

#include "engine/document/document.h"
#include "engine/export/recording.h"
#include "engine/train/filter_learner.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Returns the document with kernels that were learned from its images, (N, 3, K, K); unchanged if `kernels` is null.
Document with_learned_filters(const Document& document, const std::shared_ptr<const Tensor>& kernels);

/// Returns the document with weights after `step` steps: a network's, or else the kernel "conv1.weight".
Document with_trained_weights(const Document& document, const std::shared_ptr<const ParameterMap>& parameters,
                              long step);

/// Returns the snapshots in the timeline of `view`, with the curve of its loss. `names` is any state of the training;
/// both are copied.
RecordedMoments training_moments(const TrainingView& view, const Trainer& names);

/// Returns the rounds of the lesson that learns filters from images; it has no loss.
RecordedMoments filter_moments(const std::vector<FilterMoment>& time_line);

}  // namespace convlens
