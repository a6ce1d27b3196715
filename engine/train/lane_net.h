/// A trainable network: forward and backward passes over blocks of sixteen images.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/cpu/simd.h"
#include "engine/nn/architecture.h"
#include "engine/nn/parameters.h"
#include "engine/train/lane_conv.h"

namespace convlens {

/// Position of one parameter among all parameters of a network.
struct ParameterSlot {
    std::string name;                 ///< Name in the state dict: "conv1.weight".
    std::vector<std::int64_t> shape;  ///< Shape as in PyTorch.
    std::size_t offset = 0;           ///< Position of its first value.
    std::size_t count = 0;
};

/// Input and output callbacks of a LaneNet, for one block of lane_images images at a time, in the layout of
/// engine/cpu/lane_loops.h. All are called from several threads at once, one call per block.
struct LaneBatch {
    int blocks = 0;
    /// Writes the input of the block: all values, and zeros for lanes without an image.
    std::function<void(int block, float* input)> fill;
    /// Reads the network's output and writes the gradient of the loss with respect to the output, with zeros for lanes
    /// without an image. `gradient` is null in a forward-only pass.
    std::function<void(int block, const float* output, float* gradient)> head;
    /// Reads the gradient of the loss with respect to the input. May be empty if that gradient is not needed.
    std::function<void(int block, const float* gradient)> input_gradient;
};

/// A chain of Conv2d, MaxPool2d, ReLU, Flatten and Linear layers, prepared for images of one shape. Parameters are one
/// array of floats, in state_dict order. Immutable except for its scratch memory, so only one call on an instance may
/// run at a time; copies have their own scratch memory.
class LaneNet {
  public:
    /// Prepares the layers for images of shape `item` (item.n is ignored). Fails with a message that names the layer if
    /// a layer has another type or can't run on its input, or if one block would not fit into a gigabyte.
    static Expected<LaneNet> make(const std::vector<LayerSpec>& layers, const Shape& item);

    LaneNet(const LaneNet& other);
    LaneNet& operator=(const LaneNet& other);
    LaneNet(LaneNet&&) = default;
    LaneNet& operator=(LaneNet&&) = default;
    ~LaneNet() = default;

    const Shape& input_shape() const { return input_; }    ///< n = 1.
    const Shape& output_shape() const { return output_; }  ///< n = 1.
    std::span<const ParameterSlot> slots() const { return slots_; }
    std::size_t parameter_count() const { return parameter_count_; }

    /// Returns `parameters` as one array of floats. `parameters` must contain every entry of slots() with its shape.
    std::vector<float> flatten(const ParameterMap& parameters) const;
    /// The inverse of flatten().
    ParameterMap unflatten(std::span<const float> parameters) const;

    /// Runs every block forward, on the threads of the calling arena. Outputs do not depend on the number of threads.
    void forward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch);

    /// Runs forward, then backward. `gradient` becomes the sum over all images of the gradients with respect to the
    /// parameters. Results are bit-identical for any number of threads.
    void forward_backward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch,
                          std::span<float> gradient);

  private:
    /// A layer in execution. Buffers are numbered. ReLU after a Conv2d or Linear, and Flatten, work in place.
    struct Step {
        enum class Kind { conv, relu, pool } kind = Kind::conv;
        Shape in, out;
        int from = 0, to = 0;  ///< Indices of buffers.
        std::optional<LaneConv> conv;
        Padding padding;
        PaddingMode padding_mode = PaddingMode::zeros;
        int padded = -1;  ///< Buffer of the padded input; -1 if nothing is padded.
        std::size_t weight = 0, weight_count = 0, bias = 0, bias_count = 0;  ///< Ranges in the parameters.
        std::vector<std::ptrdiff_t> window_offsets;  ///< Offsets of the values of all windows of a plane, concatenated.
        std::vector<int> window_ends;
    };
    struct Packed {
        std::vector<std::vector<float>> forward, backward;  ///< One per step.
    };
    struct Workspace {
        std::vector<Tensor> values, gradients;  ///< One per buffer.
        Tensor scratch;
    };
    using Workspaces = PerThread<Workspace>;

    LaneNet() = default;
    Expected<void> add(const LayerSpec& layer, Shape& shape);
    void add_conv(Step& step, const LayerSpec& layer, const LaneConvShape& shape);
    void add_windows(Step& step, const MaxPool2d& pool) const;
    int new_buffer(std::size_t values);
    Packed& pack(std::span<const float> parameters, bool backward);
    Workspace& workspace(bool backward);
    void run_forward(const LaneLoops& loops, std::span<const float> parameters, Workspace& w) const;
    void run_backward(const LaneLoops& loops, Workspace& w, bool input_gradient, std::span<float> gradient) const;

    Shape input_, output_;
    std::vector<Step> steps_;
    std::vector<ParameterSlot> slots_;
    std::size_t parameter_count_ = 0, scratch_size_ = 0;
    std::vector<std::size_t> buffers_;  ///< Number of floats in each buffer.
    int last_buffer_ = 0;
    std::shared_ptr<Packed> packed_ = std::make_shared<Packed>();
    std::shared_ptr<Workspaces> workspaces_ = std::make_shared<Workspaces>();
    std::vector<std::vector<float>> block_gradients_;
};

/// Copy images between a tensor in NCHW order and a block; images past the last one are zeros.
void to_lanes(const Tensor& images, int block, float* lanes);
void from_lanes(const float* lanes, int block, Tensor& images);

/// Returns the number of blocks that hold `images` images.
constexpr int blocks_of(int images) { return (images + lane_images - 1) / lane_images; }

}  // namespace convlens
