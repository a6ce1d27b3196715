/// Resampling of a feature map, along one axis, to the pixels of a cell of the grid.
#pragma once

#include <algorithm>
#include <cmath>

namespace convlens {

/// The values [first, end) whose weighted sum a pixel shows. The first value has the weight `head`, the last value the
/// weight `tail`, and all others the weight 1. If there is only one value, its weight is `head`.
struct CellSpan {
    int first, end;
    float head, tail;
};

/// One axis of a cell: `pixels` pixels that show `values` values of a feature map. If there are at least as many pixels
/// as values, a pixel shows the nearest value. If there are fewer, a pixel shows the mean of all values that it covers.
/// All backends use the weights of this class, so that they draw the same image.
class CellAxis {
  public:
    CellAxis(int pixels, int values) : pixels_(pixels), values_(values), scale_(static_cast<double>(values) / pixels) {}

    /// Returns true if pixels may cover more than one value.
    bool reduced() const { return pixels_ < values_; }

    /// Returns the factor by which the weighted sum of a CellSpan is multiplied to get the mean.
    float inverse_area() const { return reduced() ? static_cast<float>(static_cast<double>(pixels_) / values_) : 1.0F; }

    /// Returns the values that pixel i shows, and their weights. 0 <= i < pixels.
    CellSpan operator[](int i) const {
        if (!reduced()) {
            const int nearest = std::min(static_cast<int>((i + 0.5) * scale_), values_ - 1);
            return {nearest, nearest + 1, 1.0F, 1.0F};
        }
        const double from = i * scale_, to = (i + 1) * scale_;
        const int first = std::min(static_cast<int>(from), values_ - 1);
        const int last = std::clamp(static_cast<int>(std::ceil(to)), first + 1, values_);
        return {first, last, static_cast<float>(std::min(first + 1.0, to) - from),
                static_cast<float>(to - std::max(last - 1.0, from))};
    }

  private:
    int pixels_, values_;
    double scale_;
};

}  // namespace convlens
