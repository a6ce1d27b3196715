/// The rows of the benchmark's table.
#pragma once

#include <span>
#include <string_view>

#include "engine/nn/layers.h"

namespace convlens::bench {

/// One convolution to time.
struct Row {
    std::string_view name;
    std::string_view what;
    Shape input;
    int out_channels;
    int kernel, stride, padding;  ///< Square.
    double target;                ///< Time by oneDNN's time that the row should reach with two threads.
};

std::span<const Row> rows();

/// The row's layer with made-up weights.
Conv2d layer_of(const Row& row);

/// Values in [-0.5, 0.5), every one of them written.
Tensor made_up(Shape shape);

}  // namespace convlens::bench
