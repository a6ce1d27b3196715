/// Normalization of input pixels.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace convlens {

/// Normalization of pixels in [0,1] before they enter the network.
enum class Normalize {
    none,      ///< Unchanged.
    imagenet,  ///< torchvision's (x - mean) / std with mean .485, .456, .406 and std .229, .224, .225 for R, G, B.
    half,      ///< (x - 0.5) / 0.5.
};

/// Returns the names of the enumerators, in their order.
std::span<const std::string_view> normalize_names();
std::string_view to_string(Normalize normalize);
std::optional<Normalize> normalize_from(std::string_view name);

}  // namespace convlens
