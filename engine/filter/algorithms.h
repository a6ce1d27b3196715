/// One convolution by five algorithms: what each computes, what it costs, how long it takes, and how exact it is.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/view/chart.h"

namespace convlens {

enum class ConvAlgorithm {
    direct,     ///< Sums of products, value by value.
    im2col,     ///< The matrix of all windows, and one matrix product.
    fft,        ///< Products of spectra of the whole planes.
    winograd2,  ///< Winograd's F(2x2, 3x3): tiles of 4x4 values give 2x2 outputs (Lavin and Gray 2016).
    winograd4,  ///< F(4x4, 3x3): tiles of 6x6 values give 4x4 outputs.
};
inline constexpr int conv_algorithms = 5;
std::span<const std::string_view> conv_algorithm_names();

/// A convolution with stride 1 of C channels to K kernels of k x k, with H x W outputs.
struct ConvSizes {
    int channels = 3, kernels = 16, kernel = 3, height = 128, width = 128;
    friend bool operator==(const ConvSizes&, const ConvSizes&) = default;
};

/// Returns whether an algorithm can compute it: Winograd's are for 3x3.
bool can_compute(ConvAlgorithm algorithm, const ConvSizes& problem);

/// What an algorithm needs, as formulas and as numbers.
struct ConvCost {
    std::string multiplications_formula, memory_formula;
    double multiplications = 0;  ///< Real multiplications of one item; those of transforms by Fourier are estimated.
    double memory = 0;           ///< Values beyond the input, the weights and the output.
};
ConvCost conv_cost(ConvAlgorithm algorithm, const ConvSizes& problem);

/// Computes the correlation of `input` (1, C, H + k - 1, W + k - 1) with `weight` (K, C, k, k) without padding by an
/// algorithm, on the threads of the Arena that the caller is in. Returns nullopt if canceled.
std::optional<Tensor> convolve(ConvAlgorithm algorithm, const Tensor& input, const Tensor& weight,
                               const Cancel& cancel);

/// One algorithm, measured. Names are those of conv_algorithm_names(), and "the engine" for Conv2dPlan.
struct MeasuredAlgorithm {
    std::string name;
    bool possible = false;
    ConvCost cost;
    double milliseconds = 0;  ///< Shortest of three runs.
    double error = 0;  ///< Largest difference from sums in double precision, divided by the largest magnitude of these.
};

/// Measures all algorithms on random numbers. Returns nullopt if canceled. Fails if it would take more than 2^34
/// multiplications.
std::optional<Expected<std::vector<MeasuredAlgorithm>>> measure_algorithms(const ConvSizes& problem,
                                                                           const Cancel& cancel);

/// Measures direct sums, im2col, Fourier transforms and the engine for kernels of 1x1, 3x3, ... up to `largest`, and
/// returns a chart of the times. Returns nullopt if canceled.
std::optional<Expected<Chart>> break_even(ConvSizes problem, int largest, const Cancel& cancel);

/// A matrix in a step of the small example; some values are marked.
struct StepMatrix {
    std::string name;
    int rows = 0, columns = 0;
    std::vector<double> values;
    std::vector<bool> lit{};
};
struct ConvStep {
    std::string text;
    std::vector<StepMatrix> matrices;
};

/// Returns what an algorithm does with an input of 6x6 values and a kernel of 3x3, step by step. The last matrix of
/// each step is the output so far, 4x4.
std::vector<ConvStep> algorithm_steps(ConvAlgorithm algorithm, std::span<const double> input,
                                      std::span<const double> kernel);

/// Winograd's matrices for tiles that give m x m outputs, m = 2 or 4: the output is A^T ((G g G^T) * (B^T d B)) A.
struct WinogradMatrices {
    int m = 2;                                  ///< The tile has m + 2 rows.
    std::vector<double> input, kernel, output;  ///< B^T (m+2 x m+2), G (m+2 x 3), A^T (m x m+2), row by row.
};
const WinogradMatrices& winograd_matrices(int m);

}  // namespace convlens
