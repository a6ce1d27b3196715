/// A trainable network: forward and backward passes on blocks of sixteen interleaved images (layout:
/// engine/cpu/lane_loops.h).
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
#include "engine/nn/architecture.h"
#include "engine/nn/parameters.h"
#include "engine/train/lane_conv.h"
#include "engine/train/layer_gradient.h"

namespace convlens {

struct Simd;

/// Name, shape and position of one parameter in the array of all parameters of a network.
struct ParameterSlot {
    std::string name;                 ///< Name in the state dict: "conv1.weight".
    std::vector<std::int64_t> shape;  ///< Shape as in PyTorch.
    std::size_t offset = 0;           ///< Index of its first value in that array.
    std::size_t count = 0;            ///< Number of its values.
};

/// Input and output callbacks of a LaneNet. Each call is for one block of lane_images images. Several threads call them
/// at once, each for another block.
struct LaneBatch {
    int blocks = 0;  ///< Number of blocks in the batch.
    /// Writes all values of the block's input; lanes without an image get zeros.
    std::function<void(int block, float* input)> fill;
    /// Reads the network's output and writes the gradient of the loss with respect to it; lanes without an image get
    /// zeros. `gradient` is null in a forward-only pass.
    std::function<void(int block, const float* output, float* gradient)> head;
    /// Reads the gradient of the loss with respect to the input. Empty if nobody needs that gradient; then it is not
    /// computed.
    std::function<void(int block, const float* gradient)> input_gradient;
};

/// Layers in inference mode, also with branches (engine/nn/graph.h), prepared for images of one shape. The caller owns
/// the parameters and the running statistics and passes them as one array of floats, in the order of the state dict. An
/// object has scratch memory, so only one call at a time may run on it; copies have scratch memory of their own.
class LaneNet {
  public:
    /// Prepares the layers for images of shape `item` (item.n is ignored). Layers that the last one does not need have
    /// parameters, but do not run. Fails with a message that names the layer if a layer can't run on its input, or if
    /// the values of one block take more than 1 GiB: those of all layers or, without `gradients`, those that are needed
    /// at one time. Without layers there is only the input, which is not limited. Without `gradients`, only forward()
    /// may be called.
    static Expected<LaneNet> make(const std::vector<LayerSpec>& layers, const Shape& item, bool gradients = true);

    LaneNet(const LaneNet& other);
    LaneNet& operator=(const LaneNet& other);
    LaneNet(LaneNet&&) = default;
    LaneNet& operator=(LaneNet&&) = default;
    ~LaneNet() = default;

    const Shape& input_shape() const { return input_; }    ///< Shape of one image; n is 1.
    const Shape& output_shape() const { return output_; }  ///< Shape of the output for one image; n is 1.
    /// Returns the parameters in the order of the state dict.
    std::span<const ParameterSlot> slots() const { return slots_; }
    /// Returns the number of floats in the array of all parameters.
    std::size_t parameter_count() const { return parameter_count_; }

    /// Returns `parameters` as one array of floats. It must contain every entry of slots() with its shape.
    std::vector<float> flatten(const ParameterMap& parameters) const;
    /// Returns the parameters by name from one array of floats: the inverse of flatten().
    ParameterMap unflatten(std::span<const float> parameters) const;

    /// Runs every block forward on the threads of the caller's Arena (engine/core/parallel.h). Outputs do not depend on
    /// the number of threads.
    void forward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch);

    /// Runs every block forward and backward, likewise. Sets `gradient`, which has parameter_count() values, to the sum
    /// over all images of the gradients with respect to the parameters, and to 0 for running statistics, which are not
    /// learned; an empty `gradient` leaves these out. Results are bit-identical for any number of threads.
    void forward_backward(const Simd& simd, std::span<const float> parameters, const LaneBatch& batch,
                          std::span<float> gradient);

  private:
    /// One of the values that a join reads.
    struct Source {
        int buffer = 0;
        Shape shape;
        std::size_t first = 0;  ///< For a Concat: where its values begin in the output, in values.
        bool adds = false;      ///< Like Step::adds.
        /// Returns the index of the value that a sum or product reads for its output value (c, y, x): along axes of
        /// extent 1, always the same one.
        std::size_t index(int c, int y, int x) const {
            const int channel = shape.c == 1 ? 0 : c, row = shape.h == 1 ? 0 : y, column = shape.w == 1 ? 0 : x;
            return (static_cast<std::size_t>(channel) * static_cast<std::size_t>(shape.h) +
                    static_cast<std::size_t>(row)) *
                       static_cast<std::size_t>(shape.w) +
                   static_cast<std::size_t>(column);
        }
    };
    /// A layer that is executed. It reads buffer `from` and writes buffer `to`; they are the same for a ReLU after a
    /// Conv2d or Linear. Layers that change no values have no Step: see LayerGradient::passes().
    struct Step {
        enum class Kind { conv, relu, pool, join, other } kind = Kind::other;
        Shape in, out;
        int from = 0, to = 0;  ///< Indices in buffers_.
        std::optional<LaneConv> conv;
        Padding padding;
        PaddingMode padding_mode = PaddingMode::zeros;
        int padded = -1;  ///< Index of the buffer of the padded input; -1 if nothing is padded.
        /// Offsets and counts in the array of parameters.
        std::size_t weight = 0, weight_count = 0, bias = 0, bias_count = 0;
        std::vector<std::ptrdiff_t> window_offsets;  ///< For a MaxPool2d: offsets of the values in each window of a
                                                     ///< plane, one window after the other.
        std::vector<int> window_ends;                ///< For each window, the end of its offsets in window_offsets.
        std::optional<LayerGradient> other;          ///< All its arrays count as weights.
        JoinRule rule = JoinRule::none;              ///< Of a join, which reads `sources`.
        std::vector<Source> sources;
        /// Whether the gradient is added to that of `from`, because a later step reads `from`, too.
        bool adds = false;
    };
    struct Packed {
        std::vector<CountedVector<float>> forward, backward;  ///< Packed weights, one array per step.
    };
    struct Workspace {
        std::vector<Tensor> values, gradients;  ///< One per buffer.
        std::vector<Tensor> slots;              ///< Of a forward pass alone, as long as there are no `values`.
        std::vector<float*> at;                 ///< Where the values of each buffer are.
        Tensor scratch, part;                   ///< `part`: a gradient that is added to another one.
    };
    using Workspaces = PerThread<Workspace>;

    LaneNet() = default;
    /// What make() knows of the layers; shapes and buffers of the input are at index 0.
    struct Graph {
        const std::vector<LayerSpec>& layers;
        std::vector<Shape> shapes;
        std::vector<int> buffers, readers;  ///< The buffer of each output, and by how many layers it is read.
    };
    Expected<void> add(Graph& graph, int index);
    void add_join(Graph& graph, int index, Step step);
    /// Finds the forks, and the slots for a forward pass alone.
    void finish();
    void add_conv(Step& step, const LayerSpec& layer, const LaneConvShape& shape);
    void add_arrays(Step& step, const LayerSpec& layer);
    void add_windows(Step& step, const MaxPool2d& pool) const;
    int new_buffer(std::size_t values);
    Packed& pack(std::span<const float> parameters, bool backward);
    Workspace& workspace(bool backward);
    void run_forward(const LaneLoops& loops, std::span<const float> parameters, std::span<float* const> at) const;
    void join_forward(const Step& step, std::span<float* const> at) const;
    void join_backward(const Step& step, Workspace& w, bool input_gradient) const;
    /// Computes the gradients of one block, those by the parameters only if `gradient` is not empty.
    void run_backward(const LaneLoops& loops, std::span<const float> parameters, Workspace& w, bool input_gradient,
                      std::span<float> gradient) const;

    Shape input_, output_;
    std::vector<Step> steps_;
    std::vector<ParameterSlot> slots_;
    std::size_t parameter_count_ = 0, scratch_size_ = 0;
    std::vector<std::size_t> buffers_;  ///< Number of floats in each buffer.
    /// In a forward pass alone, buffers that are never needed at the same time share a slot: the slot of each buffer,
    /// and the number of floats in each slot.
    std::vector<int> slot_of_;
    std::vector<std::size_t> slot_sizes_;
    int last_buffer_ = 0;
    std::shared_ptr<Packed> packed_ = std::make_shared<Packed>();
    std::shared_ptr<Workspaces> workspaces_ = std::make_shared<Workspaces>();
    std::vector<CountedVector<float>> block_gradients_;
};

/// Copy the images of block number `block` between a tensor in NCHW order and a block of interleaved images. Lanes
/// after the last image are set to zero by to_lanes() and ignored by from_lanes().
void to_lanes(const Tensor& images, int block, float* lanes);
void from_lanes(const float* lanes, int block, Tensor& images);

/// Returns the number of blocks that hold `images` images.
constexpr int blocks_of(int images) { return (images + lane_images - 1) / lane_images; }

}  // namespace convlens
