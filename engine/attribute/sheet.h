/// A study and a fooled image as pictures to save.
#pragma once

#include <string>

#include "engine/attribute/fooling.h"
#include "engine/attribute/study.h"
#include "engine/core/image.h"
#include "engine/view/text.h"

namespace convlens {

/// Returns batch item `item` of an input as (1, C, H, W).
std::shared_ptr<const Tensor> item_of(const std::shared_ptr<const Tensor>& input, int item);

/// Draws an input (1, C, H, W) as it was before normalization, one pixel per value.
Image input_colors(const Tensor& input, Normalize normalize);

/// Draws changed minus original, times `factor`, around gray.
Image difference_colors(const Tensor& original, const Tensor& changed, Normalize normalize, float factor);

/// Draws a study: the input above Sobel's edges, then each map above its twin, with the titles above and the rank
/// correlation below. `random_from` is the name of the first layer with random weights. Maps that are not there are
/// left out together with their twins.
Image study_sheet(const StudyView& view, const Tensor& input, Normalize normalize, const std::string& random_from,
                  const Typeface& typeface);

/// Draws the original, the difference times 20 and the changed image side by side, with titles.
Image fooling_sheet(const Tensor& original, const Fooled& fooled, Normalize normalize, const Typeface& typeface);

/// Returns a rank correlation as text: "0.89"; "undefined" for nullopt.
std::string in_words(const std::optional<double>& correlation);

}  // namespace convlens
