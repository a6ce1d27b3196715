/// Interface of the vector loops of Linear.
#pragma once

#include <cstddef>

namespace convlens {

/// Arguments of LinearLoops::add_products: inner products of a few rows of weights with some batch items.
struct LinearJob {
    const float* weights = nullptr;  ///< `rows` rows of `length` values.
    const float* items = nullptr;    ///< `item_count` rows of `length` values.
    std::ptrdiff_t length = 0;       ///< Number of inputs of the layer.
    /// Range [begin, end) of each row to process. `begin` must be a multiple of linear_part; `end` must be a multiple
    /// of linear_part or equal to `length`.
    std::ptrdiff_t begin = 0, end = 0;
    int rows = 0;  ///< 1 .. linear_rows.
    int item_count = 0;
    float* sums = nullptr;  ///< The inner product of an item and a row is added to sums[item * sums_pitch + row].
    std::ptrdiff_t sums_pitch = 0;
};

/// Number of values of a row that are summed before the partial sum is added to the total. With this limit, the rows
/// stay in the first-level cache while they are multiplied with one item after the other, and sums of thousands of
/// terms are more precise.
inline constexpr std::ptrdiff_t linear_part = 1024;

/// Maximum number of weight rows per call.
inline constexpr int linear_rows = 4;

/// The loops for one instruction set. The order in which the terms of a sum are added depends only on the number of
/// terms and on the instruction set, not on the numbers of rows and batch items.
struct LinearLoops {
    /// Adds the inner products that `job` describes to job.sums.
    void (*add_products)(const LinearJob& job);
};

}  // namespace convlens
