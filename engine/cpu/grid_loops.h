/// Interface of the vector loops for the grid's pixels.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convlens {

/// The loops for one instruction set.
struct GridLoops {
    /// to[x] = first_weight * row_0[x] + row_1[x] + ... + last_weight * row_(count - 1)[x] for 0 <= x < width. With one
    /// row, only first_weight is used. Rows are `pitch` floats apart.
    void (*weigh_rows)(const float* rows, std::ptrdiff_t pitch, int count, float first_weight, float last_weight,
                       int width, float* to);

    /// pixels[x] = colors[color_index((values[x] - lo) / width)] for 0 <= x < count; 0 < width.
    void (*paint)(const float* values, int count, float lo, float width, const std::uint32_t* colors,
                  std::uint32_t* pixels);
};

}  // namespace convlens
