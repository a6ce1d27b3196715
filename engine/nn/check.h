/// Checks of hyper-parameters that several layers share. Each fails in a sentence that names the value.
#pragma once

#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// Larger hyper-parameters than this are typing errors; sums of a few of them fit into an int.
inline constexpr int max_hyper_parameter = 1 << 20;

/// Fails when one of `value` is below `lowest` or above max_hyper_parameter.
Expected<void> check_pair(std::string_view name, Size2 value, int lowest);

/// Fails when `input` has no values.
Expected<void> check_input(const Shape& input);

/// Fails when `input` has not `expected` channels, as the layer of that `type` wants.
Expected<void> check_channels(std::string_view type, int expected, const Shape& input);

/// Fails when `groups`, called `name`, are not at least 1 or do not divide the `channels`, called `channels_name`.
Expected<void> check_groups(std::string_view name, int groups, std::string_view channels_name, int channels);

/// Fails when a number that is added to a variance is negative.
Expected<void> check_eps(float eps);

/// `output`, unless it has more values than can be counted.
Expected<Shape> check_size(const Shape& output);

/// Values of one batch item. Fails where they are too many for a layer that reads them in a row.
Expected<int> features_of(const Shape& input);

}  // namespace convlens
