/// Sliding windows and padding.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// What lies outside the image, as PyTorch's padding_mode.
enum class PaddingMode { zeros, reflect, replicate, circular };

/// Returns the names of the enumerators, in their order.
std::span<const std::string_view> padding_mode_names();
std::string_view to_string(PaddingMode mode);
std::optional<PaddingMode> padding_mode_from(std::string_view name);

/// Rows and columns added on each side. If padding='same' needs an odd number, the extra one is at the bottom and on
/// the right, as in PyTorch.
struct Padding {
    int top = 0;
    int bottom = 0;
    int left = 0;
    int right = 0;
};

/// Returns the index of the input value at index i of a padded row; -1 if that is a padding zero. The row has `size`
/// input values. i counts from the first input value, so it is negative in the left padding; it must be within the
/// padding that output_shape() has accepted.
int padded_source(PaddingMode mode, int i, int size);

/// A window and how it moves over a layer's input.
struct WindowShape {
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
    Padding padding{};
    PaddingMode mode = PaddingMode::zeros;
    bool ceil_mode = false;
    /// True if the window moves by `stride`. If false, the window only determines receptive field and jump: it is the
    /// largest bin of an AdaptiveAvgPool2d, or the whole input of a Linear or GroupNorm layer.
    bool slides = true;
};

/// Returns the output shape of a pooling layer for `input`, by pooling_output_shape() of PyTorch's
/// aten/src/ATen/native/Pool.h. Fails with a message that names the value if the window is invalid for pooling or does
/// not fit.
Expected<Shape> pooled_shape(const WindowShape& window, const Shape& input);

}  // namespace convlens
