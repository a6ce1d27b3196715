/// Parts of the training panel.
#pragma once

#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Draws wrapped text in the color of secondary text.
void muted_text(const std::string& text);

/// Draws the learned kernel, the target kernel and their difference with one value range of the colormap. Draws nothing
/// outside Lesson::filter.
void learned_filter(Frame& f);

/// Draws some held-out images, and marks those that the weights on screen misclassify. Draws nothing outside
/// Lesson::largenet.
void validation_strip(Frame& f);

/// Draws the curves of loss and accuracy over the training steps.
void training_curves(Frame& f);

/// Draws the controls of learning rate, momentum, batch size and stopping criteria, and in Lesson::features that of the
/// number of hidden units.
void training_options(Frame& f);

/// Draws the progress of Lesson::features until all features are computed, then the accuracy of both models on the
/// held-out images.
void feature_scores(Frame& f);

/// Returns the fraction of correct predictions, 0..1; 0 without predictions.
double accuracy(const std::vector<Prediction>& predictions);

}  // namespace convlens
