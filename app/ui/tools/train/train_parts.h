/// The parts of the lessons' panel that belong to one lesson.
#pragma once

#include <string>
#include <vector>

#include "app/ui/frame.h"
#include "engine/train/trainer.h"

namespace convlens {

/// Text in the ink of what is less important, wrapped.
void muted_text(const std::string& text);

/// Lesson 1: kernel, target and difference, on one scale.
void learned_filter(Frame& f);

/// Lesson 2: pictures that were not trained on, and whether they are told right by the weights on screen.
void validation_strip(Frame& f);

/// Loss and accuracy.
void training_curves(Frame& f);

/// Learning rate, momentum, batch size, when to stop, the model of lesson 4.
void training_options(Frame& f);

/// Lesson 4: how many held-out pictures each model tells right.
void feature_scores(Frame& f);

/// The part that is told right; of no predictions 0.
double accuracy(const std::vector<Prediction>& predictions);

}  // namespace convlens
