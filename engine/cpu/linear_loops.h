/// What the vector loops of Linear work on.
#pragma once

#include <cstddef>

namespace convlens {

/// Inner products of a few rows of weights with some items of a batch.
struct LinearJob {
    const float* weights = nullptr;  ///< `rows` rows of `length` values.
    const float* items = nullptr;    ///< `item_count` rows of `length` values.
    std::ptrdiff_t length = 0;
    std::ptrdiff_t begin = 0, end = 0;  ///< The part of each row whose products are added: begins at a multiple of
                                        ///< linear_part, ends at one or at `length`.
    int rows = 0;                       ///< 1 .. linear_rows.
    int item_count = 0;
    float* sums = nullptr;  ///< sums[item * sums_pitch + row] += the inner product of the two.
    std::ptrdiff_t sums_pitch = 0;
};

/// Values of a row that are added up in vectors before their sum joins the others': rows of them stay in the
/// first-level cache while item after item is multiplied with them, and sums of thousands of terms keep their digits.
inline constexpr std::ptrdiff_t linear_part = 1024;

/// Rows of weights that one call works on at most.
inline constexpr int linear_rows = 4;

/// The loops, for one instruction set. A sum's terms are added in an order that only its length decides.
struct LinearLoops {
    void (*add_products)(const LinearJob& job);
};

}  // namespace convlens
