/// Parameters of the layers.
#include "engine/nn/parameters.h"

#include <algorithm>
#include <limits>

#include "engine/core/overloaded.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

using Axes = std::vector<std::int64_t>;

std::vector<ParameterSpec> weight_and_bias(Axes weight, Axes bias, bool has_bias) {
    std::vector<ParameterSpec> specs{{"weight", std::move(weight)}};
    if (has_bias) specs.push_back({"bias", std::move(bias)});
    return specs;
}

std::vector<ParameterSpec> batch_norm_parameters(const BatchNorm2dSpec& s) {
    std::vector<ParameterSpec> specs;
    if (s.affine) specs = {{"weight", {s.num_features}}, {"bias", {s.num_features}}};
    specs.push_back({"running_mean", {s.num_features}, false});
    specs.push_back({"running_var", {s.num_features}, false});
    return specs;
}

std::size_t count_of(const Axes& shape) {
    std::size_t count = 1;
    for (const std::int64_t extent : shape)
        if (extent < 0 || __builtin_mul_overflow(count, static_cast<std::size_t>(extent), &count))
            return std::numeric_limits<std::size_t>::max();
    return count;
}

/// FNV-1a, so that layers of one network draw from streams of their own.
std::uint32_t stream_seed(std::string_view name, std::uint32_t seed) {
    std::uint32_t hash = 2166136261U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash ^ seed * 2654435761U;
}

/// The arrays of one operation as parameters; the shapes are those of parameters_of(spec).
class Collect {
  public:
    Collect(const Layer& layer, ParameterMap& to)
        : prefix_(layer.name + "."), specs_(parameters_of(spec_of(layer.operation))), to_(to) {}

    void operator()(const Conv2d& c) { take(c.weight), take(c.bias); }
    void operator()(const LocallyConnected2d& l) { take(l.weight), take(l.bias); }
    void operator()(const Linear& l) { take(l.weight), take(l.bias); }
    void operator()(const BatchNorm2d& b) { take(b.weight), take(b.bias), take(b.running_mean), take(b.running_var); }
    template <class Other>
    void operator()(const Other&) {}

  private:
    void take(const std::shared_ptr<const Tensor>& tensor) {
        if (tensor) to_.emplace(prefix_ + specs_[next_].name, Parameter{specs_[next_].shape, tensor, nullptr}), ++next_;
    }
    void take(const SharedValues& values) {
        if (values) to_.emplace(prefix_ + specs_[next_].name, Parameter{specs_[next_].shape, nullptr, values}), ++next_;
    }

    std::string prefix_;
    std::vector<ParameterSpec> specs_;
    std::size_t next_ = 0;
    ParameterMap& to_;
};

}  // namespace

std::vector<ParameterSpec> parameters_of(const OperationSpec& spec) {
    return std::visit(Overloaded{[](const Conv2dSpec& s) {
                                     return weight_and_bias(
                                         {s.out_channels, s.in_channels / std::max(s.params.groups, 1), s.kernel_size.h,
                                          s.kernel_size.w},
                                         {s.out_channels}, s.bias);
                                 },
                                 [](const LocallyConnected2dSpec& s) {
                                     return weight_and_bias({s.out_channels, s.in_channels, s.output_size.h,
                                                             s.output_size.w, s.kernel_size.h, s.kernel_size.w},
                                                            {s.out_channels, s.output_size.h, s.output_size.w}, s.bias);
                                 },
                                 [](const BatchNorm2dSpec& s) { return batch_norm_parameters(s); },
                                 [](const LinearSpec& s) {
                                     return weight_and_bias({s.out_features, s.in_features}, {s.out_features}, s.bias);
                                 },
                                 [](const auto&) { return std::vector<ParameterSpec>{}; }},
                      spec);
}

std::size_t parameter_count(const OperationSpec& spec) {
    std::size_t total = 0;
    for (const ParameterSpec& p : parameters_of(spec))
        if (p.learned && __builtin_add_overflow(total, count_of(p.shape), &total))
            return std::numeric_limits<std::size_t>::max();
    return total;
}

ParameterMap initial_parameters(const LayerSpec& layer, std::uint32_t seed) {
    ParameterMap result;
    const auto specs = parameters_of(layer.operation);
    if (specs.empty()) return result;
    const bool norm = std::holds_alternative<BatchNorm2dSpec>(layer.operation);
    std::uint64_t fan_in = 1;
    if (const auto* s = std::get_if<LocallyConnected2dSpec>(&layer.operation)) {
        fan_in = static_cast<std::uint64_t>(s->in_channels) * static_cast<std::uint64_t>(s->kernel_size.h) *
                 static_cast<std::uint64_t>(s->kernel_size.w);
    } else {
        for (std::size_t i = 1; i < specs[0].shape.size(); ++i) fan_in *= static_cast<std::uint64_t>(specs[0].shape[i]);
    }
    UniformStream stream(fan_in, stream_seed(layer.name, seed));
    for (const ParameterSpec& p : specs) {
        std::vector<float> values(count_of(p.shape), p.name == "weight" || p.name == "running_var" ? 1.0F : 0.0F);
        if (!norm) stream.fill(values);
        result.emplace(layer.name + "." + p.name, make_parameter(p.shape, std::move(values)));
    }
    return result;
}

std::optional<Layer> with_parameters(const LayerSpec& layer, const ParameterMap& parameters) {
    std::vector<Parameter> found;
    for (const ParameterSpec& p : parameters_of(layer.operation)) {
        const auto it = parameters.find(layer.name + "." + p.name);
        if (it == parameters.end() || it->second.shape != p.shape) return std::nullopt;
        found.push_back(it->second);
    }
    found.resize(4);  // absent ones are null
    const auto operation = std::visit(
        Overloaded{[&](const Conv2dSpec& s) -> Operation {
                       return Conv2d{s.params, found[0].tensor, found[1].values};
                   },
                   [&](const LocallyConnected2dSpec& s) -> Operation {
                       return LocallyConnected2d{s, found[0].tensor, found[1].tensor};
                   },
                   [&](const BatchNorm2dSpec& s) -> Operation {
                       if (!s.affine) return BatchNorm2d{s, nullptr, nullptr, found[0].values, found[1].values};
                       return BatchNorm2d{s, found[0].values, found[1].values, found[2].values, found[3].values};
                   },
                   [&](const LinearSpec& s) -> Operation {
                       return Linear{s, found[0].tensor, found[1].values};
                   },
                   [](const auto& same) -> Operation { return same; }},
        layer.operation);
    return Layer{layer.name, operation};
}

ParameterMap parameters_of(const Network& network) {
    ParameterMap result;
    for (const Layer& layer : network.layers) {
        Collect collect(layer, result);
        std::visit(collect, layer.operation);
    }
    return result;
}

}  // namespace convlens
