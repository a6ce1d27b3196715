/// Random motions of a picture between the steps of a search: shifts, scales and rotations.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/core/shape.h"

namespace convlens {

/// How a step moves the pictures before the network sees them.
struct Motion {
    Size2 shift;          ///< Down and right, in pixels.
    double scale = 1;     ///< By which the picture is enlarged around the middle of what the network sees.
    double rotation = 0;  ///< Around the same point, in degrees clockwise.
    friend bool operator==(const Motion&, const Motion&) = default;
};

/// The linear map from a plane, which continues around its edges, to the part of it that the network sees, and its
/// adjoint. The plane is shifted; then pixel (y, x) of the part shows the position
///
/// c + R(-rotation) ((y, x) - c) / scale, where c is the middle of the part,
///
/// interpolated bilinearly between four pixels. Without scale and rotation, each pixel is one of the plane.
class Warp {
  public:
    /// Prepares the map from planes of size `plane` to their upper left part of size `seen`.
    Warp(Size2 plane, Size2 seen, const Motion& motion);

    /// Returns the number of pixels of the part.
    std::size_t count() const { return from_.size() / taps_; }

    /// Returns pixel `i` of the part.
    float seen(const float* plane, std::size_t i) const {
        if (taps_ == 1) return plane[from_[i]];
        float sum = 0;
        for (std::size_t k = 4 * i; k < 4 * i + 4; ++k) sum += weights_[k] * plane[from_[k]];
        return sum;
    }

    /// Adds what a gradient by pixel `i` of the part is by the plane.
    void add_gradient(float by_pixel, std::size_t i, float* plane) const {
        if (taps_ == 1) {
            plane[from_[i]] += by_pixel;
            return;
        }
        for (std::size_t k = 4 * i; k < 4 * i + 4; ++k) plane[from_[k]] += weights_[k] * by_pixel;
    }

  private:
    std::size_t taps_ = 1;             ///< Pixels of the plane per pixel of the part.
    std::vector<std::uint32_t> from_;  ///< Their indices.
    std::vector<float> weights_;       ///< Empty if there is one per pixel.
};

}  // namespace convlens
