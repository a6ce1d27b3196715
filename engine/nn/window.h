/// Sliding windows and padding.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// The values of the padding, as padding_mode of nn.Conv2d in PyTorch.
enum class PaddingMode { zeros, reflect, replicate, circular };

/// Returns the names of the enumerators, in their order.
std::span<const std::string_view> padding_mode_names();

/// Returns the name of `mode`: "zeros".
std::string_view to_string(PaddingMode mode);

/// Returns the enumerator with that name; nullopt if there is none.
std::optional<PaddingMode> padding_mode_from(std::string_view name);

/// Number of rows and columns that are added on each side of the input. If padding='same' needs an odd number of rows
/// or columns, there is one more at the bottom or on the right, as in PyTorch.
struct Padding {
    int top = 0;
    int bottom = 0;
    int left = 0;
    int right = 0;
};

/// Returns the index of the input value at position i of a padded row or column with `size` input values; -1 if there
/// is a padding zero. Position 0 is the first input value, so positions in the left or top padding are negative. i must
/// lie within a padding with which the layer can run.
int padded_source(PaddingMode mode, int i, int size);

/// The window of a layer, and how it moves over the layer's input. The members have the meaning of the hyper-parameters
/// of nn.Conv2d and nn.MaxPool2d with these names.
struct WindowShape {
    Size2 kernel_size{1, 1};
    Size2 stride{1, 1};
    Size2 dilation{1, 1};
    Padding padding{};
    PaddingMode mode = PaddingMode::zeros;
    bool ceil_mode = false;  ///< Whether the size of a pooling layer's output is rounded up.
    /// True if the window moves by `stride`. If false, the window only serves to compute the receptive field and the
    /// jump: it is the largest bin of an AdaptiveAvgPool2d, or the whole input of a Linear or GroupNorm layer.
    bool slides = true;
};

/// Returns the output shape of a pooling layer for an input of shape `input`, computed like pooling_output_shape() in
/// PyTorch's aten/src/ATen/native/Pool.h. If the window is invalid for pooling or larger than the padded input, fails
/// with a message that names the value.
Expected<Shape> pooled_shape(const WindowShape& window, const Shape& input);

}  // namespace convlens
