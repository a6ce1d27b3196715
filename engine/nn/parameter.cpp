/// Construction of the arrays of layers.
#include "engine/nn/parameter.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <numeric>

namespace convlens {
namespace {

using Axes = std::vector<std::int64_t>;

/// Returns the shape of Parameter::tensor for an array of shape `shape`.
Shape folded(const Axes& shape) {
    const auto at = [&](std::size_t i) { return static_cast<int>(shape[i]); };
    switch (shape.size()) {
        case 2: return {at(0), at(1), 1, 1};
        case 3: return {1, at(0), at(1), at(2)};
        case 4: return {at(0), at(1), at(2), at(3)};
        default: assert(shape.size() == 6); return {at(0), at(1), at(2) * at(3), at(4) * at(5)};
    }
}

}  // namespace

std::vector<ParameterSpec> weight_and_bias(Axes weight, Axes bias, bool has_bias, std::uint64_t fan_in) {
    std::vector<ParameterSpec> specs{{"weight", std::move(weight), FirstValues::uniform(fan_in)}};
    if (has_bias) specs.push_back({"bias", std::move(bias), FirstValues::uniform(fan_in)});
    return specs;
}

std::vector<ParameterSpec> scale_and_shift(int channels, bool affine) {
    if (!affine) return {};
    return {{"weight", {channels}, FirstValues::all(1)}, {"bias", {channels}, FirstValues::all(0)}};
}

Parameter make_parameter(Axes shape, std::vector<float> values) {
    assert(std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()) ==
           static_cast<std::int64_t>(values.size()));
    if (shape.size() == 1)
        return {std::move(shape), nullptr, std::make_shared<const std::vector<float>>(std::move(values))};
    Tensor tensor(folded(shape));
    std::copy(values.begin(), values.end(), tensor.data());
    return {std::move(shape), std::make_shared<const Tensor>(std::move(tensor)), nullptr};
}

}  // namespace convlens
