/// Kernels that answer as painted pixels say: ridge regression.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"

namespace convlens {

/// What a pixel is painted with.
enum class Paint : std::uint8_t {
    none,
    no,       ///< The kernel should answer -1 here.
    yes,      ///< The kernel should answer 1 here.
    test_no,  ///< As `no` and `yes`, to measure the error with, not to fit.
    test_yes,
};

/// Paint of each pixel of an image, row by row.
struct PaintedImage {
    int height = 0, width = 0;
    std::vector<Paint> pixels;
};

/// A kernel that was fitted to painted pixels, and how well it answers.
struct PaintedFilter {
    Tensor kernel;  ///< (1, C, K, K)
    float bias = 0;
    int samples = 0, test_samples = 0;  ///< Painted pixels that were used.
    double error = 0, test_error = 0;   ///< Root of the mean squared difference between answer and paint.
    double right = 0, test_right = 0;   ///< Part of the answers with the right sign, 0..1.
};

/// Most pixels that are fitted; of more, some are used, evenly distributed.
inline constexpr int max_painted = 2000;

/// Fits a kernel of `side` x `side` (odd) and a bias to the painted pixels of `input` (1, C, H, W): they minimize the
/// sum over pixels of (kernel * patch + bias - paint)^2 + regularization * d * |kernel|^2, where d is the mean over the
/// kernel's values of the sum of the squares of their inputs, by the normal equations and Cholesky's decomposition.
/// What patches have beyond the borders is zero. Pixels of both kinds count the same in all. Runs on the threads of the
/// Arena that the caller is in. Fails if nothing is painted with yes or with no, if the sizes of the image and of the
/// paint differ, and for kernels of more than 2000 values.
Expected<PaintedFilter> fit_painted(const Tensor& input, const PaintedImage& paint, int side, double regularization);

}  // namespace convlens
