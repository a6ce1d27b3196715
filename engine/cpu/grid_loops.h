/// What the vector loops of the grid's pixels work on.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convlens {

/// The loops, for one instruction set.
struct GridLoops {
    /// to[x] = first_weight * row 0 [x] + row 1 [x] + ... + last_weight * row count - 1 [x] for 0 <= x <
    /// width; with one row, first_weight counts. Rows lie `pitch` floats apart.
    void (*weigh_rows)(const float* rows, std::ptrdiff_t pitch, int count, float first_weight, float last_weight,
                       int width, float* to);

    /// pixels[x] = colors[color_index((values[x] - lo) / width)] for 0 <= x < count; 0 < width.
    void (*paint)(const float* values, int count, float lo, float width, const std::uint32_t* colors,
                  std::uint32_t* pixels);
};

}  // namespace convlens
