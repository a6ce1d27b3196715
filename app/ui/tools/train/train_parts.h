/// Parts of the training panel that belong to one lesson.
#pragma once

#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Draws wrapped text in the color of secondary text.
void muted_text(const std::string& text);

/// Lesson 1: draws the learned kernel, the target and their difference with one color scale.
void learned_filter(Frame& f);

/// Lesson 2: draws held-out images, and whether the weights on screen classify them correctly.
void validation_strip(Frame& f);

/// Draws the curves of loss and accuracy.
void training_curves(Frame& f);

/// Draws the controls of learning rate, momentum, batch size and stopping criteria, and of the model of lesson 4.
void training_options(Frame& f);

/// Lesson 4: draws the accuracy of both models on the held-out images.
void feature_scores(Frame& f);

/// Returns the fraction of correct predictions, 0..1; 0 without predictions.
double accuracy(const std::vector<Prediction>& predictions);

}  // namespace convlens
