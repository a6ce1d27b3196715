/// The parts of images for which channels are strongest, as in Zeiler and Fergus, "Visualizing and Understanding
/// Convolutional Networks", 2014, https://arxiv.org/abs/1311.2901.
#pragma once

#include <vector>

#include "engine/core/image.h"
#include "engine/core/result.h"
#include "engine/core/tensor.h"
#include "engine/nn/backend.h"
#include "engine/nn/normalize.h"

namespace convlens {

/// A place in an image where a channel is strong.
struct StrongPlace {
    int image = 0;     ///< Number of the image, as passed to StrongestPatches::add().
    int y = 0, x = 0;  ///< Position in the feature map.
    float value = 0;
    Rect box;  ///< The receptive field in the network's input; may extend beyond its borders.
    friend bool operator==(const StrongPlace&, const StrongPlace&) = default;
};

/// Collects the strongest places of channels in any number of images, and cuts out their receptive fields. Places of
/// one channel in one image are at least a receptive field apart.
class StrongestPatches {
  public:
    /// Keeps `count` places for each of `channels`, of which at most `per_image` are in one image.
    StrongestPatches(std::vector<int> channels, int count, int per_image);

    /// Adds batch item `item` of `input` as image number `image`. `activations` is the output of layer `layer` of
    /// `network`, and `normalize` how the input was normalized. Fails if a channel does not exist, if the values
    /// can't be read, or if the patches are larger than 1024 pixels or need more than half of memory_limit().
    Expected<void> add(int image, const Network& network, const Tensor& input, int layer,
                       const Activations& activations, int item, Normalize normalize);

    /// Returns the places of the channel with this index in the list of channels, strongest first.
    const std::vector<StrongPlace>& places(std::size_t index) const { return places_[index]; }

    /// Returns the patches with values 0..1: (channels * count, C, H, W), those of the first channel first. What lies
    /// beyond the borders of an image, and patches for which there is no place, are gray.
    Tensor patches() const { return patches(0, channels_.size(), count_); }
    /// Returns the `each` strongest patches of `channels` channels from the one with index `first` on.
    Tensor patches(std::size_t first, std::size_t channels, int each) const;

  private:
    std::vector<int> channels_;
    int count_, per_image_;
    Shape patch_;  ///< Of one patch; n is 1. 0x0 before the first image.
    std::vector<std::vector<StrongPlace>> places_;
    std::vector<std::vector<Tensor>> pixels_;  ///< The patches of places_.
};

}  // namespace convlens
