/// What strides and pooling do to fine patterns: maps reduced by every method, what folds into them, and how they
/// follow shifts.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/view/chart.h"

namespace convlens {

/// How a map is reduced.
enum class Reduction {
    stride,    ///< Every s-th value.
    max,       ///< The maximum of s x s values.
    mean,      ///< Their mean.
    blur,      ///< BlurPool: a binomial filter, then every s-th value (Zhang 2019).
    max_blur,  ///< MaxBlurPool: the maximum of s x s values with stride 1, then BlurPool.
};
inline constexpr int reductions = 5;
std::span<const std::string_view> reduction_names();

/// Reduces `planes`, whose sides are multiples of `stride` and which continue periodically, to 1 / stride of their
/// rows and columns. `taps` is the odd number of values of the binomial filter.
Tensor reduced(const Tensor& planes, Reduction how, int stride, int taps);

/// Returns what no method can surpass: the waves that the reduced map can show, and nothing else, at the places of the
/// values of `how`.
Tensor ideally_reduced(const Tensor& planes, Reduction how, int stride);

struct AliasingOptions {
    int stride = 4;
    int taps = 5;
    friend bool operator==(const AliasingOptions&, const AliasingOptions&) = default;
};

/// One way of reducing.
struct ReducedMap {
    Tensor map;        ///< (1, 1, H / stride, W / stride)
    Tensor wrong;      ///< Minus ideally_reduced().
    double error = 0;  ///< Norm of `wrong` divided by that of ideally_reduced(), both without their means.
    /// Correlation of the reduced map of the input, moved to the right by each shift, with the reduced map moved by
    /// shift / stride: cosine similarity without the means. Both are moved by their spectra.
    std::vector<double> consistency;
    /// `map` for each shift, (shifts, 1, H / stride, W / stride).
    Tensor moved;
};

struct AliasingResult {
    Tensor input;                ///< (1, 1, H, W), cut to multiples of the stride.
    std::vector<double> shifts;  ///< In pixels: 0, 1/2, ..., 2 stride.
    std::array<ReducedMap, reductions> methods;
};

/// Reduces the mean of the channels of the one item of `input` in every way. Returns nullopt if canceled. Fails if the
/// input is smaller than 8 strides.
std::optional<Expected<AliasingResult>> aliasing(const Tensor& input, const AliasingOptions& options,
                                                 const Cancel& cancel);

/// Returns a chart of the consistency of all methods.
Chart aliasing_chart(const AliasingResult& result);

}  // namespace convlens
