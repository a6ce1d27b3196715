/// Gradients of tensors in NCHW order: conversion to blocks of sixteen interleaved images or strips, and back.
#include "engine/train/backward.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/nn/network_specs.h"
#include "engine/train/lane_conv.h"
#include "engine/train/lane_net.h"

namespace convlens {
namespace {

/// Maximum number of floats in the input and the gradient of a block of strips: 2 MiB, about a second-level cache. It
/// limits the height of the strips.
constexpr std::size_t strip_floats = std::size_t{1} << 19;

/// How the output rows of a batch are cut into strips: rows k * rows to (k + 1) * rows - 1 of image n are strip n *
/// strips + k. Sixteen consecutive strips form a block.
struct Strips {
    int images = 0, strips = 1, rows = 1;  ///< Images in the batch, strips per image, output rows per strip.

    int blocks() const { return blocks_of(images * strips); }
};

Strips cut(const Shape& input, const Shape& output, const LaneConvShape& whole) {
    const auto per_row = static_cast<std::size_t>(lane_images) *
                         (static_cast<std::size_t>(input.c * whole.stride.h) * static_cast<std::size_t>(whole.input.w) +
                          static_cast<std::size_t>(output.c) * static_cast<std::size_t>(output.w));
    const int most =
        static_cast<int>(std::clamp<std::size_t>(strip_floats / per_row, 1, static_cast<std::size_t>(output.h)));
    const int at_least = (output.h + most - 1) / most;
    // As many strips as fit into the blocks that are needed anyway.
    const int blocks = blocks_of(input.n * at_least);
    const int strips = std::clamp(blocks * lane_images / input.n, at_least, output.h);
    const int rows = (output.h + strips - 1) / strips;
    return {input.n, (output.h + rows - 1) / rows, rows};
}

/// The work on one block of strips.
class StripBlock {
  public:
    StripBlock(const Conv2d& layer, const Shape& input, const Shape& output, const Strips& strips, const LaneConv& conv)
        : layer_(layer),
          in_(input),
          out_(output),
          strips_(strips),
          conv_(conv),
          pad_(resolve_padding(layer.params, layer.kernel_size())),
          values_(lanes_of(conv.input_size())),
          gradient_(lanes_of(conv.output_size())) {}

    /// Loads the padded input rows, unless `input` is null, and the output gradient rows of the strips of `block`.
    void load(int block, const Tensor* input, const Tensor& gradient) {
        for (int l = 0; l < lane_images; ++l) {
            const int n = (block * lane_images + l) / strips_.strips,
                      first = (block * lane_images + l) % strips_.strips * strips_.rows;
            if (input) load_rows(l, n, first, *input);
            for (int o = 0; o < out_.c; ++o)
                for (int y = 0; y < strips_.rows; ++y) {
                    float* to =
                        gradient_.data() + static_cast<std::ptrdiff_t>(o * strips_.rows + y) * out_.w * lane_images + l;
                    const bool there = n < in_.n && first + y < out_.h;
                    const float* from = there ? &gradient.at(n, o, first + y, 0) : nullptr;
                    for (int x = 0; x < out_.w; ++x) to[x * lane_images] = there ? from[x] : 0.0F;
                }
        }
    }

    const float* values() const { return values_.data(); }
    const float* gradient() const { return gradient_.data(); }

    /// Adds the gradients with respect to the padded rows of image `n`, strip by strip, to the input rows that the
    /// padded rows come from. `part(b)` is the gradient of block b.
    template <class Part>
    void add_input_gradient(int n, const Part& part, Tensor& to) const {
        for (int k = 0; k < strips_.strips; ++k) {
            const int place = n * strips_.strips + k;
            const float* lanes = part(place / lane_images) + place % lane_images;
            for_rows(k * strips_.rows, [&](int c, int y, int source) {
                if (source < 0) return;
                const float* from = lanes + row_offset(c, y);
                float* row = &to.at(n, c, source, 0);
                for (int x = 0; x < width(); ++x) {
                    const int at = padded_source(layer_.params.padding_mode, x - pad_.left, in_.w);
                    if (at >= 0) row[at] += from[static_cast<std::ptrdiff_t>(x) * lane_images];
                }
            });
        }
    }

    static Tensor lanes_of(std::size_t floats) {
        return Tensor({1, static_cast<int>(floats / lane_images), 1, lane_images});
    }

  private:
    int width() const { return conv_.shape().input.w; }
    std::ptrdiff_t row_offset(int c, int y) const {
        return static_cast<std::ptrdiff_t>(c * conv_.shape().input.h + y) * width() * lane_images;
    }

    /// Calls body(channel, row of the strip, row of the input) for each padded input row of the strip that begins at
    /// output row `first`; the row of the input is -1 for a row of zeros.
    template <class Body>
    void for_rows(int first, const Body& body) const {
        for (int c = 0; c < in_.c; ++c)
            for (int y = 0; y < conv_.shape().input.h; ++y) {
                const int row = first * layer_.params.stride.h + y;
                // The last strip may extend past the bottom.
                const bool inside = row < in_.h + pad_.top + pad_.bottom;
                body(c, y, inside ? padded_source(layer_.params.padding_mode, row - pad_.top, in_.h) : -1);
            }
    }

    void load_rows(int l, int n, int first, const Tensor& input) {
        for_rows(first, [&](int c, int y, int source) {
            float* to = values_.data() + row_offset(c, y) + l;
            const float* from = n < in_.n && source >= 0 ? &input.at(n, c, source, 0) : nullptr;
            for (int x = 0; x < width(); ++x) {
                const int at = from ? padded_source(layer_.params.padding_mode, x - pad_.left, in_.w) : -1;
                to[static_cast<std::ptrdiff_t>(x) * lane_images] = at >= 0 ? from[at] : 0.0F;
            }
        });
    }

    const Conv2d& layer_;
    Shape in_, out_;
    Strips strips_;
    const LaneConv& conv_;
    Padding pad_;
    Tensor values_, gradient_;
};

}  // namespace

Expected<Gradients> backward(const Network& network, const Tensor& input, const Tensor& output_gradient,
                             const Simd& simd) {
    auto net = LaneNet::make(specs_of(network), input.shape());
    if (!net) return tl::unexpected(net.error());
    const Shape in = input.shape();
    Shape out = net->output_shape();
    out.n = in.n;
    assert(output_gradient.size() == out.count());
    Tensor shaped = output_gradient.clone();
    shaped.reshape(out);
    Gradients result{Tensor(out), Tensor(in), {}};
    const LaneBatch batch{blocks_of(in.n), [&](int block, float* to) { to_lanes(input, block, to); },
                          [&](int block, const float* values, float* gradient) {
                              from_lanes(values, block, result.output);
                              to_lanes(shaped, block, gradient);
                          },
                          [&](int block, const float* gradient) { from_lanes(gradient, block, result.input); }};
    std::vector<float> gradient(net->parameter_count());
    net->forward_backward(simd, net->flatten(parameters_of(network)), batch, gradient);
    result.parameters = net->unflatten(gradient);
    return result;
}

class Conv2dBackward::Work {
  public:
    Work(const Conv2d& layer, const Shape& input, const Simd& simd)
        : layer_(layer),
          in_(input),
          out_(convlens::output_shape(layer, input).value()),
          simd_(simd),
          strips_(cut(in_, out_, whole())),
          conv_(strip_shape()) {
        for (int b = 0; b < strips_.blocks(); ++b) {
            blocks_.emplace_back(layer_, in_, out_, strips_, conv_);
            parts_.push_back({StripBlock::lanes_of(conv_.input_size()), Tensor(layer.weight->shape()), {}});
            scratch_.push_back(StripBlock::lanes_of(conv_.scratch_size()));
        }
    }

    void run(const Tensor& weight, const Tensor& input, const Tensor& gradient, bool input_wanted,
             Conv2dGradients& result) {
        if (input_wanted) pack(weight);
        parallel_for(blocks_.size(), [&](std::size_t b) {
            Conv2dGradients& part = parts_[b];
            blocks_[b].load(static_cast<int>(b), &input, gradient);
            std::fill(part.weight.values().begin(), part.weight.values().end(), 0.0F);
            part.bias.assign(layer_.bias ? static_cast<std::size_t>(out_.c) : 0, 0.0F);
            conv_.backward_weight(simd_.lane, blocks_[b].values(), blocks_[b].gradient(), part.weight.values(),
                                  part.bias);
            if (input_wanted)
                conv_.backward_input(simd_.lane, blocks_[b].gradient(), packed_, scratch_[b].data(), part.input.data());
        });
        result.weight.reshape(weight.shape());
        std::fill(result.weight.values().begin(), result.weight.values().end(), 0.0F);
        result.bias.assign(parts_[0].bias.size(), 0.0F);
        for (const Conv2dGradients& part : parts_) {
            for (std::size_t i = 0; i < result.weight.size(); ++i) result.weight.data()[i] += part.weight.data()[i];
            for (std::size_t o = 0; o < result.bias.size(); ++o) result.bias[o] += part.bias[o];
        }
        if (input_wanted) collect(result.input);
    }

    void pack(const Tensor& weight) { conv_.pack_backward(weight.values(), packed_); }

    void run_input(const Tensor& gradient, Tensor& result) {
        parallel_for(blocks_.size(), [&](std::size_t b) {
            blocks_[b].load(static_cast<int>(b), nullptr, gradient);
            conv_.backward_input(simd_.lane, blocks_[b].gradient(), packed_, scratch_[b].data(),
                                 parts_[b].input.data());
        });
        collect(result);
    }

  private:
    /// Adds up the gradients by the input of all strips.
    void collect(Tensor& result) const {
        result.reshape(in_);
        parallel_for(in_.n, [&](int n) {
            std::fill_n(&result.at(n, 0, 0, 0), Shape{1, in_.c, in_.h, in_.w}.count(), 0.0F);
            blocks_[0].add_input_gradient(
                n, [&](int b) { return parts_[static_cast<std::size_t>(b)].input.data(); }, result);
        });
    }
    LaneConvShape whole() const {
        const Padding pad = resolve_padding(layer_.params, layer_.kernel_size());
        return {in_.c,
                out_.c,
                layer_.kernel_size(),
                layer_.params.stride,
                layer_.params.dilation,
                layer_.params.groups,
                layer_.params.flip,
                {in_.h + pad.top + pad.bottom, in_.w + pad.left + pad.right}};
    }
    LaneConvShape strip_shape() const {
        LaneConvShape shape = whole();
        shape.input.h = (strips_.rows - 1) * shape.stride.h + shape.dilation.h * (shape.kernel_size.h - 1) + 1;
        return shape;
    }

    const Conv2d layer_;
    const Shape in_, out_;
    const Simd& simd_;
    const Strips strips_;
    const LaneConv conv_;
    std::vector<StripBlock> blocks_;
    std::vector<Conv2dGradients> parts_;  ///< One per block.
    std::vector<Tensor> scratch_;
    CountedVector<float> packed_;
};

Conv2dBackward::Conv2dBackward(const Conv2d& layer, const Shape& input, const Simd& simd)
    : work_(std::make_unique<Work>(layer, input, simd)) {}
Conv2dBackward::~Conv2dBackward() = default;
Conv2dBackward::Conv2dBackward(Conv2dBackward&&) noexcept = default;
Conv2dBackward& Conv2dBackward::operator=(Conv2dBackward&&) noexcept = default;

void Conv2dBackward::run(const Tensor& weight, const Tensor& input, const Tensor& output_gradient, bool input_wanted,
                         Conv2dGradients& result) {
    work_->run(weight, input, output_gradient, input_wanted, result);
}

void Conv2dBackward::pack(const Tensor& weight) { work_->pack(weight); }
void Conv2dBackward::run_input(const Tensor& output_gradient, Tensor& result) {
    work_->run_input(output_gradient, result);
}

Conv2dGradients conv2d_backward(const Conv2d& layer, const Tensor& input, const Tensor& output_gradient,
                                const Simd& simd, bool input_wanted) {
    Conv2dGradients result;
    Conv2dBackward(layer, input.shape(), simd).run(*layer.weight, input, output_gradient, input_wanted, result);
    return result;
}

}  // namespace convlens
