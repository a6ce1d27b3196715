/// The convolution layer, with the full meaning of torch.nn.Conv2d.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/shape.h"
#include "engine/core/tensor.h"
#include "engine/nn/window.h"

namespace convlens {

/// A convolution's hyper-parameters; names, meaning and defaults are those of torch.nn.Conv2d
/// (https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html), `flip` is added.
struct ConvParams {
    Size2 stride{1, 1};
    Size2 padding{0, 0};  ///< Rows above and below, columns left and right; not used when `same`.
    bool same = false;    ///< padding='same': output as large as the input; needs stride 1.
    Size2 dilation{1, 1};
    int groups = 1;
    PaddingMode padding_mode = PaddingMode::zeros;
    bool flip = false;  ///< Turn every kernel by 180 degrees: mathematics' convolution instead of correlation.
    friend bool operator==(const ConvParams&, const ConvParams&) = default;
};

/// A convolution layer: output[n,o,y,x] = bias[o] + sum over c,i,j of
/// weight[o,c,i,j] * padded_input[n, group(o)*C_in/groups + c, y*stride.h + i*dilation.h, x*stride.w + j*dilation.w].
struct Conv2d {
    ConvParams params;
    std::shared_ptr<const Tensor> weight;            ///< (C_out, C_in/groups, KH, KW); all values finite.
    std::shared_ptr<const std::vector<float>> bias;  ///< C_out values, or null for none.

    Size2 kernel_size() const { return {weight->shape().h, weight->shape().w}; }

    /// The same layer: equal hyper-parameters and the very same weights.
    friend bool operator==(const Conv2d&, const Conv2d&) = default;
};

/// The padding that params mean for a kernel of `kernel_size`.
Padding resolve_padding(const ConvParams& params, Size2 kernel_size);

/// The shape of `layer`'s output for an input of shape `input`:
/// H_out = floor((H + top + bottom - dilation (K - 1) - 1) / stride) + 1.
/// Fails in a sentence that names the value when the layer can't run on that input.
Expected<Shape> output_shape(const Conv2d& layer, const Shape& input);

/// The same for kernels of shape `weight`, (C_out, C_in/groups, KH, KW), that need not be there.
Expected<Shape> output_shape(const ConvParams& params, const Shape& weight, const Shape& input);

}  // namespace convlens
