/// Interface of the vector loops of Linear.
#pragma once

#include <cstddef>

namespace convlens {

/// Inner products of a few rows of weights with some batch items.
struct LinearJob {
    const float* weights = nullptr;  ///< `rows` rows of `length` values.
    const float* items = nullptr;    ///< `item_count` rows of `length` values.
    std::ptrdiff_t length = 0;
    /// Range [begin, end) of each row to process. `begin` is a multiple of linear_part; `end` is a multiple of
    /// linear_part or equals `length`.
    std::ptrdiff_t begin = 0, end = 0;
    int rows = 0;  ///< 1 .. linear_rows.
    int item_count = 0;
    float* sums = nullptr;  ///< sums[item * sums_pitch + row] += the inner product of that item and that row.
    std::ptrdiff_t sums_pitch = 0;
};

/// Number of values of a row that are summed in SIMD lanes before the partial sum is added to the total. The rows then
/// stay in the first-level cache while one item after another is multiplied with them, and sums of thousands of terms
/// keep their precision.
inline constexpr std::ptrdiff_t linear_part = 1024;

/// Maximum number of weight rows per call.
inline constexpr int linear_rows = 4;

/// The loops for one instruction set. Within it, the order in which the terms of a sum are added depends
/// only on the number of terms, not on the numbers of rows and batch items. Instruction sets may differ in the order.
struct LinearLoops {
    void (*add_products)(const LinearJob& job);
};

}  // namespace convlens
