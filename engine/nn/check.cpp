/// Sentences about hyper-parameters.
#include "engine/nn/check.h"

namespace convlens {

Expected<void> check_pair(std::string_view name, Size2 value, int lowest) {
    if (value.h < lowest || value.w < lowest)
        return fail("{} is {}: expected {} or more in both directions", name, to_string(value), lowest);
    if (value.h > max_hyper_parameter || value.w > max_hyper_parameter)
        return fail("{} is {}: expected {} at most", name, to_string(value), max_hyper_parameter);
    return {};
}

Expected<void> check_input(const Shape& input) {
    if (input.count() == 0) return fail("the input is {}: expected at least one value", to_string(input));
    return {};
}

}  // namespace convlens
