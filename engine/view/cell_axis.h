/// Which values of a map the pixels of a cell show, along one axis.
#pragma once

#include <algorithm>
#include <cmath>

namespace convlens {

/// Values [first, end) under a pixel: the first with weight `head`, the last with weight `tail`, those
/// between with 1. With one value, head counts.
struct CellSpan {
    int first, end;
    float head, tail;
};

/// One axis of a cell of `pixels` pixels for a map of `values` values: the nearest value where the cell is as
/// large as the map or larger, all values that a pixel covers where it is smaller. Every back end takes its
/// weights from here, so that all draw the same.
class CellAxis {
  public:
    CellAxis(int pixels, int values) : pixels_(pixels), values_(values), scale_(static_cast<double>(values) / pixels) {}

    /// Pixels cover more than one value.
    bool reduced() const { return pixels_ < values_; }

    /// What the weighted sum of a span is to be multiplied with for a mean.
    float inverse_area() const { return reduced() ? static_cast<float>(static_cast<double>(pixels_) / values_) : 1.0F; }

    /// What pixel 0 <= i < pixels shows.
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
