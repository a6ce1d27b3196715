/// Checks of hyper-parameters that several layers share. Each check fails with a message that names the value.
#pragma once

#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// Largest accepted hyper-parameter; larger values are assumed to be typing errors. Sums of a few hyper-parameters fit
/// into an int.
inline constexpr int max_hyper_parameter = 1 << 20;

/// Fails if a component of `value` is below `lowest` or above max_hyper_parameter.
Expected<void> check_pair(std::string_view name, Size2 value, int lowest);

/// Fails if `input` has no values.
Expected<void> check_input(const Shape& input);

/// Fails if `input` does not have the `expected` number of channels that a layer of type `type` needs.
Expected<void> check_channels(std::string_view type, int expected, const Shape& input);

/// Fails if `groups`, called `name` in the message, is less than 1 or does not divide `channels`, called
/// `channels_name`.
Expected<void> check_groups(std::string_view name, int groups, std::string_view channels_name, int channels);

/// Fails if `eps`, which is added to a variance, is negative.
Expected<void> check_eps(float eps);

/// Returns `output`. Fails if the number of its values is too large.
Expected<Shape> check_size(const Shape& output);

/// Returns the number of values of one batch item. Fails if a layer that flattens its input does not support that many.
Expected<int> features_of(const Shape& input);

}  // namespace convlens
