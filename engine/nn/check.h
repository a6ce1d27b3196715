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

}  // namespace convlens
