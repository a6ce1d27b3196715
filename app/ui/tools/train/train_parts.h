/// Parts of the training panel that belong to one lesson.
#pragma once

#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Wrapped text in the color of secondary text.
void muted_text(const std::string& text);

/// Lesson 1: learned kernel, target and difference with one color scale.
void learned_filter(Frame& f);

/// Lesson 2: held-out images, and whether the weights on screen classify them correctly.
void validation_strip(Frame& f);

/// Loss and accuracy.
void training_curves(Frame& f);

/// Learning rate, momentum, batch size, stopping criteria, and the model of lesson 4.
void training_options(Frame& f);

/// Lesson 4: accuracy of both models on the held-out images.
void feature_scores(Frame& f);

/// Share of correct predictions; 0 without predictions.
double accuracy(const std::vector<Prediction>& predictions);

}  // namespace convlens
