/// Checks of hyper-parameters and input shapes that several layers share. The message of a failed check names the
/// value.
#pragma once

#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// Largest accepted hyper-parameter. Larger values are assumed to be typing errors. With this limit, sums of a few
/// hyper-parameters fit into an int.
inline constexpr int max_hyper_parameter = 1 << 20;

/// Fails if a component of `value` is below `lowest` or above max_hyper_parameter. `name` is the hyper-parameter's name
/// in the message.
Expected<void> check_pair(std::string_view name, Size2 value, int lowest);

/// Fails if an input of shape `input` has no values.
Expected<void> check_input(const Shape& input);

/// Fails if `input` does not have `expected` channels, which a layer of type `type` ("BatchNorm2d") needs.
Expected<void> check_channels(std::string_view type, int expected, const Shape& input);

/// Fails if `groups` is less than 1 or does not divide `channels`. The message calls these numbers `name` and
/// `channels_name`.
Expected<void> check_groups(std::string_view name, int groups, std::string_view channels_name, int channels);

/// Fails if `eps`, which a normalization layer adds to a variance, is negative or NaN.
Expected<void> check_eps(float eps);

/// Returns `output`. Fails if a tensor of that shape would have more than SIZE_MAX / 64 values.
Expected<Shape> check_size(const Shape& output);

/// Returns the number of values of one batch item, C * H * W, for layers that flatten their input. Fails if there are
/// more than INT_MAX / 4 values.
Expected<int> features_of(const Shape& input);

}  // namespace convlens
