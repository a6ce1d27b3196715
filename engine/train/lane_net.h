/// A network that can be trained: forward and backward over blocks of sixteen images.
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

/// Where one parameter lies among all of a network's.
struct ParameterSlot {
    std::string name;                 ///< In state_dict: "conv1.weight".
    std::vector<std::int64_t> shape;  ///< As PyTorch has it.
    std::size_t offset = 0;           ///< Of its first value.
    std::size_t count = 0;
};

/// What a LaneNet asks for and gives, one block of lane_images images at a time, in the layout of
/// engine/cpu/lane_loops.h. Both are called from several threads at once, each block once.
struct LaneBatch {
    int blocks = 0;
    std::function<void(int block, float* input)>
        fill;  ///< Writes all values of the block's input, zeros for absent images.
    /// Reads the network's output and writes the loss's gradient by it, zeros for absent images. `gradient` is null
    /// when only a forward pass is made.
    std::function<void(int block, const float* output, float* gradient)> head;
    std::function<void(int block, const float* gradient)> input_gradient;  ///< Empty: nobody asks for it.
};

/// A chain of Conv2d, MaxPool2d, ReLU, Flatten and Linear layers, made ready for images of one shape. Parameters are
/// one row of floats, in state_dict's order. Immutable but for its scratch memory: one call at a time; copies have
/// scratch memory of their own.
class LaneNet {
  public:
    /// For images of shape `item` (item.n is not used). Fails, naming it, for a layer of another type or one that can't
    /// run on its input, and when one block would not fit into a gigabyte.
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

    /// `parameters` as the row of floats; each of slots() must be there with its shape.
    std::vector<float> flatten(const ParameterMap& parameters) const;
    /// And back.
    ParameterMap unflatten(std::span<const float> parameters) const;

    /// Runs every block forward. On the calling arena's threads; outputs do not depend on their number.
    void forward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch);

    /// Forward, then backward: `gradient` becomes the sum over all images of the gradients by the parameters. The same
    /// to the bit for any number of threads.
    void forward_backward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch,
                          std::span<float> gradient);

  private:
    /// A layer at work. Buffers are numbered; ReLU behind a Conv2d or Linear, and Flatten, work in place.
    struct Step {
        enum class Kind { conv, relu, pool } kind = Kind::conv;
        Shape in, out;
        int from = 0, to = 0;  ///< Buffers.
        std::optional<LaneConv> conv;
        Padding padding;
        PaddingMode padding_mode = PaddingMode::zeros;
        int padded = -1;  ///< The buffer of the padded input; -1 where nothing is padded.
        std::size_t weight = 0, weight_count = 0, bias = 0, bias_count = 0;  ///< Among the parameters.
        std::vector<std::ptrdiff_t> window_offsets;  ///< Of all windows of a plane, one after the other.
        std::vector<int> window_ends;
    };
    struct Packed {
        std::vector<std::vector<float>> forward, backward;  ///< One a step.
    };
    struct Workspace {
        std::vector<Tensor> values, gradients;  ///< One a buffer.
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
    std::vector<std::size_t> buffers_;  ///< Floats of each.
    int last_buffer_ = 0;
    std::shared_ptr<Packed> packed_ = std::make_shared<Packed>();
    std::shared_ptr<Workspaces> workspaces_ = std::make_shared<Workspaces>();
    std::vector<std::vector<float>> block_gradients_;
};

/// Copies image after image between a tensor in NCHW order and blocks; images behind the last are zeros.
void to_lanes(const Tensor& images, int block, float* lanes);
void from_lanes(const float* lanes, int block, Tensor& images);

/// Blocks that hold `images` images.
constexpr int blocks_of(int images) { return (images + lane_images - 1) / lane_images; }

}  // namespace convlens
