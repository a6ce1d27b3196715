/// nn.BatchNorm2d with the running statistics that training has stored.
#include "engine/nn/layers/batch_norm2d.h"

#include <cmath>

#include "engine/nn/check.h"

namespace convlens {

using Traits = LayerTraits<BatchNorm2dSpec>;

Expected<Shape> Traits::output_shape(const BatchNorm2dSpec& s, const Shape& input) {
    if (auto ok = check_channels(name, s.num_features, input); !ok) return tl::unexpected(ok.error());
    if (auto ok = check_eps(s.eps); !ok) return tl::unexpected(ok.error());
    return input;
}

std::vector<ParameterSpec> Traits::parameters(const BatchNorm2dSpec& s) {
    auto specs = scale_and_shift(s.num_features, s.affine);
    specs.push_back({"running_mean", {s.num_features}, FirstValues::all(0), false});
    specs.push_back({"running_var", {s.num_features}, FirstValues::all(1), false});
    return specs;
}

Expected<Step> Traits::step(const BatchNorm2d& b, double x, const PixelPosition& at, const LayerInput& /*input*/) {
    const auto of = [&](const SharedValues& values, float other) {
        return static_cast<double>(values ? (*values)[static_cast<std::size_t>(at.channel)] : other);
    };
    const double mean = of(b.running_mean, 0), variance = of(b.running_var, 1), weight = of(b.weight, 1),
                 bias = of(b.bias, 0), scale = weight / std::sqrt(variance + static_cast<double>(b.spec.eps));
    Step step = normalized(x, mean, variance, b.spec.eps, weight, bias);
    step.formula += fmt::format(" = {:.4g} x {:+.4g}", scale, bias - mean * scale);  // what folding puts into weights
    return step;
}

TorchCode Traits::torch(const BatchNorm2dSpec& s, const std::string& /*layer*/) {
    return {fmt::format("nn.BatchNorm2d({}, eps={}, affine={})", s.num_features, s.eps, python::text(s.affine))};
}

Expected<NumpyCode> Traits::numpy(const BatchNorm2dSpec& s, const std::string& layer) {
    const auto value = [&](const char* array) { return python::channel_array(layer, array); };
    const std::string normal =
        fmt::format("(y - {}) / np.sqrt({} + {})", value("running_mean"), value("running_var"), s.eps);
    return NumpyCode{s.affine ? fmt::format("{} * {} + {}", normal, value("weight"), value("bias")) : normal};
}

}  // namespace convlens
