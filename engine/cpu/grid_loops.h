/// Interface of the vector loops that draw the grid.
#pragma once

#include <cstddef>
#include <cstdint>

namespace convlens {

/// The loops for one instruction set.
struct GridLoops {
    /// Sets to[x] to the weighted sum of column x of `count` rows, for 0 <= x < width. The first row has the weight
    /// first_weight, the last row last_weight, all others 1. A single row has the weight first_weight. Rows are `pitch`
    /// floats apart.
    void (*weigh_rows)(const float* rows, std::ptrdiff_t pitch, int count, float first_weight, float last_weight,
                       int width, float* to);

    /// Sets pixels[x] = colors[color_index((values[x] - lo) / width)] for 0 <= x < count; width > 0.
    void (*paint)(const float* values, int count, float lo, float width, const std::uint32_t* colors,
                  std::uint32_t* pixels);
};

}  // namespace convlens
