/// Checks of hyper-parameters that several layers share.
#pragma once

#include <string_view>

#include "engine/core/result.h"
#include "engine/core/shape.h"

namespace convlens {

/// Fails in a sentence when one of `value` is below `lowest` or above max_hyper_parameter.
Expected<void> check_pair(std::string_view name, Size2 value, int lowest);

/// Fails when `input` has no values.
Expected<void> check_input(const Shape& input);

}  // namespace convlens
