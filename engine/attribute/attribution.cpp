/// Attribution maps from gradients.
#include "engine/attribute/attribution.h"

#include <algorithm>
#include <cmath>

#include "engine/io/resize.h"
#include "engine/nn/graph.h"

namespace convlens {
namespace {

constexpr int batch_size = 8;  ///< Images of integrated gradients that run at once.

/// Returns the largest magnitude over the channels.
Tensor strongest(const Tensor& values) {
    const Shape s = values.shape();
    Tensor map({1, 1, s.h, s.w}, 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (std::size_t i = 0; i < s.plane(); ++i)
            map.data()[i] = std::max(map.data()[i], std::abs(values.plane(0, c)[i]));
    return map;
}

/// Returns the sum over the channels of value times `factor`.
Tensor products(const Tensor& values, const Tensor& factor) {
    const Shape s = values.shape();
    Tensor map({1, 1, s.h, s.w}, 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (std::size_t i = 0; i < s.plane(); ++i) map.data()[i] += values.plane(0, c)[i] * factor.plane(0, c)[i];
    return map;
}

}  // namespace

/// Returns true if the maps of the layer are on the same grid as those of the layers that it reads.
static bool keeps_maps(const Layer& layer) {
    const Role role = role_of(spec_of(layer.operation));
    return role == Role::activation || role == Role::normalization || role == Role::joining;
}

int default_cam_layer(const Network& network) {
    for (int i = static_cast<int>(network.layers.size()) - 2; i >= 0; --i) {
        const auto at = static_cast<std::size_t>(i);
        if (!std::holds_alternative<Conv2d>(network.layers[at].operation)) continue;
        if (!is_chain(network.layers)) {  // the block's output, behind the convolution and the sum
            while (i + 2 < static_cast<int>(network.layers.size()) &&
                   keeps_maps(network.layers[static_cast<std::size_t>(i) + 1]))
                ++i;
            return i;
        }
        const bool relu =
            at + 2 < network.layers.size() && std::holds_alternative<ReLU>(network.layers[at + 1].operation);
        return relu ? i + 1 : i;
    }
    return -1;
}

Expected<Attribution> Attribution::make(Target target, std::shared_ptr<const Tensor> input, Normalize normalize,
                                        const AttributionOptions& options, const Simd& simd) {
    auto pass = Backpropagation::make(target.network, input->shape(), simd);
    if (!pass) return tl::unexpected(pass.error());
    return Attribution(std::move(target), std::move(input), normalize, options, simd, std::move(*pass));
}

Expected<double> Attribution::output(const Cancel& cancel) {
    if (auto ok = pass_.forward(input_, cancel); !ok) return tl::unexpected(ok.error());
    return explained(target_, pass_.value(static_cast<int>(target_.network.layers.size()))).front();
}

Expected<Tensor> Attribution::input_gradient(ReluRule rule, const Cancel& cancel) {
    if (auto ok = pass_.forward(input_, cancel); !ok) return tl::unexpected(ok.error());
    const Shape out = pass_.value(static_cast<int>(target_.network.layers.size())).shape();
    return pass_.backward(0, explained_gradient(target_, out), rule, cancel);
}

Expected<Tensor> Attribution::integrated(const Cancel& cancel) {
    const Shape s = input_->shape();
    Tensor way = input_->clone(), sum(s, 0.0F);
    for (int c = 0; c < s.c; ++c)
        for (float& v : way.plane(0, c)) v -= levels_of(normalize_, c, s.c)(0);  // from black
    std::optional<Backpropagation> pass;
    int prepared = 0;
    for (int first = 0; first < options_.steps; first += batch_size) {
        const int here = std::min(batch_size, options_.steps - first);
        Tensor points({here, s.c, s.h, s.w});
        for (int n = 0; n < here; ++n) {
            const float rest = 1 - (static_cast<float>(first + n) + 0.5F) / static_cast<float>(options_.steps);
            for (std::size_t i = 0; i < way.size(); ++i)
                points.data()[static_cast<std::size_t>(n) * way.size() + i] = input_->data()[i] - rest * way.data()[i];
        }
        if (here != prepared) {
            auto made = Backpropagation::make(target_.network, points.shape(), *simd_);
            if (!made) return tl::unexpected(made.error());
            pass = std::move(*made);
            prepared = here;
        }
        const Cancel part = cancel.part(static_cast<float>(first) / static_cast<float>(options_.steps),
                                        static_cast<float>(first + here) / static_cast<float>(options_.steps));
        if (auto ok = pass->forward(std::make_shared<const Tensor>(std::move(points)), part); !ok)
            return tl::unexpected(ok.error());
        const Shape out = pass->value(static_cast<int>(target_.network.layers.size())).shape();
        const auto gradient = pass->backward(0, explained_gradient(target_, out), ReluRule::gradient, part);
        if (!gradient) return tl::unexpected(gradient.error());
        for (std::size_t i = 0; i < gradient->size(); ++i)
            sum.data()[i % sum.size()] += gradient->data()[i] / static_cast<float>(options_.steps);
    }
    return products(way, sum);
}

Expected<Tensor> Attribution::grad_cam(const Cancel& cancel) {
    const auto& layers = target_.network.layers;
    const int layer = options_.cam_layer < 0 ? default_cam_layer(target_.network) : options_.cam_layer;
    if (layer < 0)
        return fail("Grad-CAM needs a convolution before the layer {} that is explained", layers.back().name);
    if (layer + 1 >= static_cast<int>(layers.size()))
        return fail("Grad-CAM needs a layer before {}, the layer that is explained", layers.back().name);
    if (auto ok = pass_.forward(input_, cancel); !ok) return tl::unexpected(ok.error());
    const Tensor& maps = pass_.value(layer + 1);
    const Shape out = pass_.value(static_cast<int>(layers.size())).shape();
    const auto gradient = pass_.backward(layer + 1, explained_gradient(target_, out), ReluRule::gradient, cancel);
    if (!gradient) return tl::unexpected(gradient.error());
    const Shape s = maps.shape();
    std::vector<double> sum(s.plane());
    for (int c = 0; c < s.c; ++c) {
        double weight = 0;
        for (const float g : gradient->plane(0, c)) weight += static_cast<double>(g);
        weight /= static_cast<double>(s.plane());
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weight * static_cast<double>(maps.plane(0, c)[i]);
    }
    Tensor small({1, 1, s.h, s.w});
    for (std::size_t i = 0; i < sum.size(); ++i) small.data()[i] = static_cast<float>(std::max(sum[i], 0.0));
    return resize(small, {input_->shape().h, input_->shape().w}, "the map of Grad-CAM");
}

Expected<Tensor> Attribution::map(Method method, const Cancel& cancel) {
    if (method == Method::integrated_gradients) return integrated(cancel);
    if (method == Method::grad_cam) return grad_cam(cancel);
    const ReluRule rule = method == Method::guided_backprop ? ReluRule::guided
                          : method == Method::deconvolution ? ReluRule::deconvolution
                                                            : ReluRule::gradient;
    const auto gradient = input_gradient(rule, cancel);
    if (!gradient) return tl::unexpected(gradient.error());
    return method == Method::gradient_input ? products(*gradient, *input_) : strongest(*gradient);
}

}  // namespace convlens
