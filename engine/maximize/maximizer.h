/// Activation maximization: pictures that make channels of a layer as large as possible, found by gradient ascent.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/maximize/warp.h"
#include "engine/nn/network.h"
#include "engine/nn/normalize.h"

namespace convlens {

struct Simd;

/// What is maximized.
enum class Objective {
    unit,     ///< One value in the middle of the feature map; the picture is exactly its receptive field.
    channel,  ///< The mean of the feature map.
};

/// How a Maximizer searches. Each part can be switched off, to see what it does.
struct MaximizeOptions {
    std::vector<int> channels;  ///< Channels of the last layer; each gets a picture.
    Objective objective = Objective::unit;
    /// Height and width of the pictures. Empty: 128x128. With Objective::unit only used if sees_whole_picture().
    Size2 size;
    float learning_rate = 0.1F;
    /// Whether the parameters are the Fourier spectrum of the picture (see Spectrum) instead of its pixels.
    bool spectrum = true;
    float low_pass = 0.25F;  ///< Frequency in cycles per pixel above which the spectrum is suppressed; 0: no filter.
    /// Whether the three planes are mixed to red, green and blue as the colors of photographs are correlated (Lucid's
    /// color_correlation_svd_sqrt, lucid/optvis/param/color.py). Ignored unless the input has three channels.
    bool correlated_colors = true;
    /// Each step shifts the picture, around its edges, down and right by random numbers of pixels between -jitter / 2
    /// and jitter - jitter / 2.
    int jitter = 0;
    /// Each step enlarges the picture by a random factor from 1 - scale to 1 + scale, at most 0.5 away from 1, and
    /// rotates it by a random angle from -rotation to rotation, in degrees (Olah et al. 2017); see Warp.
    float scale = 0, rotation = 0;
    float weight_decay = 0;  ///< L2 penalty of the parameters, as in OptimizerOptions.
    /// Weight of the total variation, which is subtracted from what is maximized: the sum of the squared differences
    /// between the colors of neighboring pixels (Mahendran and Vedaldi 2015, beta = 2).
    float total_variation = 0;
    std::uint32_t seed = 1;  ///< Of the first pictures, which are almost gray, and of the motions.
    /// The picture to start from instead of gray: (1, C, H, W), colors 0..1. Its middle counts; mirrored if it is too
    /// small. May be null. Compared by pointer.
    std::shared_ptr<const Tensor> start;
    friend bool operator==(const MaximizeOptions&, const MaximizeOptions&) = default;
};

/// Returns true if layers see the whole picture, or expect one of a certain size: Flatten, Linear, LocallyConnected2d,
/// AdaptiveAvgPool2d, AdaptiveMaxPool2d and GroupNorm; if they enlarge maps: Upsample, PixelShuffle, ConvTranspose2d;
/// or if the network has branches. The picture then has the size of the network's input.
bool sees_whole_picture(const Network& network);

/// Returns the colors, 0..1, of batch item `item` of `input` (N, C, H, W), which was normalized by `normalize`: (1, C,
/// H, W).
Tensor colors_of(const Tensor& input, int item, Normalize normalize);

/// Returns how each of the first `steps` steps moves the pictures.
std::vector<Motion> motions_of(const MaximizeOptions& options, int steps);

/// Searches pictures for several channels of the last layer of a network, with Adam (Olah, Mordvintsev and Schubert,
/// "Feature Visualization", 2017, https://distill.pub/2017/feature-visualization). A picture is sigmoid(t) for planes t
/// that follow from the parameters, and enters the network normalized. The picture of a channel does not depend on
/// which others are searched, nor on the number of threads.
class Maximizer {
  public:
    /// Prepares a search. `network` has the layers up to the one that is maximized, also with branches. If the last
    /// layer is a ReLU, the layer that it reads is maximized instead, because a ReLU of a negative value has no
    /// gradient. `channels` is the number of input channels. Fails if a channel does not exist, if a layer can't run,
    /// or if the receptive field or the picture exceeds 1024 pixels, or if the pictures need more than half of
    /// memory_limit().
    static Expected<Maximizer> make(Network network, int channels, Normalize normalize, MaximizeOptions options);
    ~Maximizer();
    Maximizer(Maximizer&&) noexcept;
    Maximizer& operator=(Maximizer&&) noexcept;

    /// Does one step for all pictures, on the threads of the caller's Arena (engine/core/parallel.h).
    void step(const Simd& simd);
    /// Returns the number of steps done.
    int steps() const;

    /// Returns the pictures as they are now, with values 0..1 and in the order of MaximizeOptions::channels: (N, C, H,
    /// W). For Objective::unit, they are cut to its receptive field.
    Tensor pictures() const;

    /// Computes what is maximized for the pictures as they are now, without a motion: one value per channel.
    std::vector<float> values(const Simd& simd);

    /// Returns what was maximized in the last step, for which the picture was moved, or the result of the last
    /// values(): one value per channel; zeros before the first.
    const std::vector<float>& last_values() const;

    const MaximizeOptions& options() const;

    /// Returns the parameters of all pictures as they are now, one picture after the other, each plane by plane:
    /// pixels, or with MaximizeOptions::spectrum spectra as Spectrum stores them.
    std::span<const float> parameters() const;
    /// Returns the size of the planes, of which the picture is the upper left part.
    Size2 plane_size() const;

  private:
    struct State;
    explicit Maximizer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace convlens
