/// What slides over a layer's input, and what lies round the input.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// What lies outside the image, by PyTorch's padding_mode.
enum class PaddingMode { zeros, reflect, replicate, circular };

/// Their names in the enum's order.
std::span<const std::string_view> padding_mode_names();
std::string_view to_string(PaddingMode mode);
std::optional<PaddingMode> padding_mode_from(std::string_view name);

/// Rows and columns added on each side. 'same' puts the odd one below and to the right, as PyTorch does.
struct Padding {
    int top = 0;
    int bottom = 0;
    int left = 0;
    int right = 0;
};

/// Which input index lies at index i of a padded row of `size` values (i counts from the first input value, so it
/// may be negative); -1 for a padding zero. i must be within the padding that output_shape() has accepted.
int padded_source(PaddingMode mode, int i, int size);

/// A window and how it travels over a layer's input.
struct WindowShape {
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
    Padding padding{};
    PaddingMode mode = PaddingMode::zeros;
    bool ceil_mode = false;
    bool slides = true;  ///< From place to place by `stride`. Else it only says how far values see and jump: that of an
                         ///< AdaptiveAvgPool2d is its largest bin, that of a Linear layer all that there is.
};

/// The shape that a pool makes of `input`, by pooling_output_shape() of PyTorch's aten/src/ATen/native/Pool.h.
/// Fails in a sentence that names the value when the window is none for a pool or does not fit.
Expected<Shape> pooled_shape(const WindowShape& window, const Shape& input);

}  // namespace convlens
