/// What the vector loops of Linear work on.
#pragma once

#include <cstddef>

namespace convlens {

/// Inner products of a few rows of weights with some items of a batch.
struct LinearJob {
    const float* weights = nullptr;  ///< `rows` rows of `length` values.
    const float* items = nullptr;    ///< `item_count` rows of `length` values.
    std::ptrdiff_t length = 0;
    int rows = 0;  ///< 1 .. linear_rows.
    int item_count = 0;
    float* sums = nullptr;  ///< sums[item * sums_pitch + row] += the inner product of the two.
    std::ptrdiff_t sums_pitch = 0;
};

/// Rows of weights that one call works on at most.
inline constexpr int linear_rows = 4;

/// The loops, for one instruction set. A sum's terms are added in an order that only its length decides.
struct LinearLoops {
    void (*add_products)(const LinearJob& job);
};

}  // namespace convlens
