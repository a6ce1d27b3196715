/// Normalization of the pixels of input images.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

/// Normalization of pixels in [0,1] before they enter the network.
enum class Normalize {
    none,      ///< Unchanged.
    imagenet,  ///< As torchvision does for ImageNet: (x - mean) / std, with mean 0.485, 0.456, 0.406 and std 0.229,
               ///< 0.224, 0.225 for red, green, blue.
    half,      ///< (x - 0.5) / 0.5.
};

/// Returns the names of the enumerators, in their order: "none", "imagenet", "half".
std::span<const std::string_view> normalize_names();

/// Returns the name of `normalize`.
std::string_view to_string(Normalize normalize);

/// Returns the enumerator with that name; nullopt if there is none.
std::optional<Normalize> normalize_from(std::string_view name);

/// Mean and standard deviation that normalize a channel.
struct Levels {
    float mean = 0, deviation = 1;
    /// Returns the normalized value of `v`, which is in [0,1].
    float operator()(float v) const { return (v - mean) / deviation; }
};

/// Returns the levels of `channel` of an image with `channels` channels. Normalize::imagenet has levels for three
/// channels; for any other number, their means are used.
Levels levels_of(Normalize normalize, int channel, int channels);

}  // namespace convlens
