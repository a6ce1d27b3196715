/// Networks with other strides and other pooling, to compare how much they alias.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/cancel.h"
#include "engine/core/result.h"
#include "engine/nn/network.h"

namespace convlens {

/// What becomes of the strides of convolutions.
enum class Strides {
    unchanged,
    blurred,  ///< Stride 1, and after the activation that follows a BlurPool with the stride (Zhang 2019).
    one,  ///< All strides of the network are 1, and the windows after them are dilated by what was left out: the values
          ///< of the network as it is are among those of this one, unless max pooling is padded.
};
/// What becomes of pooling.
enum class Pools {
    unchanged,
    max,
    mean,
    blurred,  ///< Stride 1, and a BlurPool with the stride (Zhang 2019).
};
std::span<const std::string_view> strides_names();
std::span<const std::string_view> pools_names();

/// How a network reduces the size of its maps.
struct Downsampling {
    Strides strides = Strides::unchanged;
    Pools pools = Pools::unchanged;
    int taps = 3;  ///< Rows and columns of the binomial filter of BlurPool: 3, 5 or 7.
    friend bool operator==(const Downsampling&, const Downsampling&) = default;
};

/// Returns the binomial filter of `taps` values, C(taps - 1, i) / 2^(taps - 1).
std::vector<double> binomial(int taps);

/// Returns a BlurPool: every channel is filtered by the binomial filter along both axes with this stride; borders are
/// reflected.
Conv2d blur_pool(int channels, int taps, Size2 stride);

/// Returns true for ZeroPad2d, ReflectionPad2d and ReplicationPad2d.
bool is_padding_layer(const Operation& operation);

/// Returns the number of layers at the beginning that compute maps whose positions keep to their places: all before the
/// first Flatten, Linear, LocallyConnected2d, adaptive pooling, layer that enlarges maps, or branch.
std::size_t leading_maps(const Network& network);

/// Returns the leading_maps() of a network for `channels` input channels, downsampled in another way. Layers that are
/// put in are called "LAYER.blur". Padding layers end the network with Strides::one.
Network downsampled(const Network& network, int channels, const Downsampling& how);

/// Computes the output of a layer that reads the layer before it. Returns false if canceled. Fails if it reads others,
/// and if it can't run on the input.
Expected<bool> run_layer(const Layer& layer, const Tensor& input, const Cancel& cancel, Tensor& output);

}  // namespace convlens
