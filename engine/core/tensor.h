/// A dense float32 tensor in NCHW order.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>

#include "engine/core/memory_limit.h"
#include "engine/core/shape.h"

namespace convlens {

/// A tensor that owns its n * c * h * w floats. They are contiguous in NCHW order (x varies fastest) and start at a
/// multiple of 64 bytes. A tensor can be moved but not copied; clone() returns a copy.
class Tensor {
  public:
    /// Makes an empty tensor: its shape is 0x0x0x0, and data() is null.
    Tensor() = default;

    /// Allocates a tensor of `shape` with uninitialized values. Throws std::bad_alloc if the machine is out of memory,
    /// or if memory_limit() would be exceeded.
    explicit Tensor(Shape shape) : shape_(shape), data_(allocate_floats(shape.count())) {}

    /// Allocates a tensor of `shape` with every value set to `value`.
    Tensor(Shape shape, float value) : Tensor(shape) {
        for (float& v : values()) v = value;
    }

    /// Returns a copy of the shape and of all values.
    Tensor clone() const {
        Tensor copy(shape_);
        if (size() > 0) std::memcpy(copy.data(), data(), size() * sizeof(float));
        return copy;
    }

    /// Changes the shape to `shape`. The values are unspecified afterwards, unless the number of values stays the same.
    /// Reuses the allocated memory if it is large enough, otherwise allocates new memory like the constructor.
    void reshape(Shape shape) {
        if (shape.count() > capacity()) *this = Tensor(shape);
        shape_ = shape;
    }

    const Shape& shape() const { return shape_; }
    /// Returns the number of values that fit into the allocated memory.
    std::size_t capacity() const { return data_ ? data_.get_deleter().count : 0; }
    /// Returns the number of values.
    std::size_t size() const { return shape_.count(); }

    /// Return all values in NCHW order.
    float* data() { return data_.get(); }
    const float* data() const { return data_.get(); }
    std::span<float> values() { return {data(), size()}; }
    std::span<const float> values() const { return {data(), size()}; }

    /// Returns the h * w values of channel c of batch item n.
    std::span<float> plane(int n, int c) { return {data() + plane_offset(n, c), shape_.plane()}; }
    std::span<const float> plane(int n, int c) const { return {data() + plane_offset(n, c), shape_.plane()}; }

    /// Returns the value in channel c, row y, column x of batch item n. All indices count from 0.
    float& at(int n, int c, int y, int x) { return data()[offset(n, c, y, x)]; }
    const float& at(int n, int c, int y, int x) const { return data()[offset(n, c, y, x)]; }

  private:
    std::size_t plane_offset(int n, int c) const {
        assert(n >= 0 && n < shape_.n && c >= 0 && c < shape_.c);
        return (static_cast<std::size_t>(n) * static_cast<std::size_t>(shape_.c) + static_cast<std::size_t>(c)) *
               shape_.plane();
    }

    std::size_t offset(int n, int c, int y, int x) const {
        assert(y >= 0 && y < shape_.h && x >= 0 && x < shape_.w);
        return plane_offset(n, c) + static_cast<std::size_t>(y) * static_cast<std::size_t>(shape_.w) +
               static_cast<std::size_t>(x);
    }

    Shape shape_;
    Floats data_;
};

}  // namespace convlens
