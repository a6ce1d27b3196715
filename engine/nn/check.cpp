/// Checks of hyper-parameters and their messages.
#include "engine/nn/check.h"

#include <limits>

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

Expected<void> check_channels(std::string_view type, int expected, const Shape& input) {
    if (expected != input.c) return fail("{} expects {} channels, gets {}", type, expected, input.c);
    return {};
}

Expected<void> check_groups(std::string_view name, int groups, std::string_view channels_name, int channels) {
    if (groups < 1) return fail("{} is {}: expected 1 or more", name, groups);
    if (channels % groups != 0)
        return fail("{} is {}: it must divide {}, which is {}", name, groups, channels_name, channels);
    return {};
}

Expected<void> check_eps(float eps) {
    if (!(eps >= 0)) return fail("eps is {}: expected 0 or more", eps);
    return {};
}

Expected<Shape> check_size(const Shape& output) {
    // Bytes must not overflow: 1 GB of values where size_t has 32 bits.
    if (output.count() > std::numeric_limits<std::size_t>::max() / (sizeof(std::size_t) < 8 ? 16 : 64))
        return fail("the output would be {}: too large", to_string(output));
    return output;
}

Expected<int> features_of(const Shape& input) {
    const std::size_t count = Shape{1, input.c, input.h, input.w}.count();
    if (count > static_cast<std::size_t>(std::numeric_limits<int>::max()) / 4)
        return fail("the input is {}: too many values to flatten", to_string(input));
    return static_cast<int>(count);
}

}  // namespace convlens
