/// Shapes of layers with several inputs.
#include "engine/nn/layers/join.h"

#include <fmt/ranges.h>

namespace convlens {
namespace {

/// Returns "1x64x56x56, 1x64x28x28", at most five of the shapes.
std::string in_words(std::span<const Shape> shapes) {
    std::vector<std::string> all;
    for (const Shape& s : shapes.first(std::min<std::size_t>(shapes.size(), 5))) all.push_back(to_string(s));
    return fmt::format("{}{}", fmt::join(all, ", "), shapes.size() > 5 ? ", ..." : "");
}

}  // namespace

Expected<Shape> broadcast_shape(std::span<const Shape> inputs) {
    Shape output = inputs.front();
    for (const Shape& s : inputs)
        output = {output.n, std::max(output.c, s.c), std::max(output.h, s.h), std::max(output.w, s.w)};
    const auto fits = [](int extent, int whole) { return extent == whole || extent == 1; };
    for (const Shape& s : inputs)
        if (s.n != output.n || !fits(s.c, output.c) || !fits(s.h, output.h) || !fits(s.w, output.w))
            return fail("the inputs have the shapes {}: expected equal ones, or extents of 1", in_words(inputs));
    return check_size(output);
}

Expected<Shape> concat_shape(std::span<const Shape> inputs) {
    Shape output = inputs.front();
    std::int64_t channels = 0;
    for (const Shape& s : inputs) {
        if (s.n != output.n || s.h != output.h || s.w != output.w)
            return fail("the inputs have the shapes {}: expected equal ones except for the channels", in_words(inputs));
        channels += s.c;
    }
    if (channels > (1 << 30)) return fail("the output would have {} channels, which are too many", channels);
    output.c = static_cast<int>(channels);
    return check_size(output);
}

}  // namespace convlens
