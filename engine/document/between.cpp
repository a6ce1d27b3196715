/// Interpolates documents.
#include "engine/document/between.h"

#include <algorithm>
#include <cmath>

namespace convlens {
namespace {

/// Moves values from those of one document towards those of another.
struct Mix {
    double t;

    void operator()(int from, int& to) const { to = static_cast<int>(std::lround(from + (to - from) * t)); }
    void operator()(float from, float& to) const { to = static_cast<float>(from + (to - from) * t); }
    void operator()(const Size2& from, Size2& to) const { (*this)(from.h, to.h), (*this)(from.w, to.w); }
    void operator()(const Rect& from, Rect& to) const {
        (*this)(from.x, to.x), (*this)(from.y, to.y), (*this)(from.w, to.w), (*this)(from.h, to.h);
    }

    void kernels(const Kernels& from, Kernels& to) const {
        const auto *random_from = std::get_if<RandomKernels>(&from.bank),
                   *random_to = std::get_if<RandomKernels>(&to.bank);
        if (random_from && random_to) {
            RandomKernels mixed = *random_to;
            (*this)(random_from->out_channels, mixed.out_channels);
            (*this)(random_from->kernel_size, mixed.kernel_size);
            to.bank = mixed;
        }
        const auto *loaded_from = std::get_if<LoadedKernels>(&from.bank),
                   *loaded_to = std::get_if<LoadedKernels>(&to.bank);
        if (!loaded_from || !loaded_to || !loaded_from->weight || !loaded_to->weight ||
            loaded_from->weight == loaded_to->weight || loaded_from->weight->shape() != loaded_to->weight->shape())
            return;
        auto weight = std::make_shared<Tensor>(loaded_to->weight->shape());
        const auto before = loaded_from->weight->values(), after = loaded_to->weight->values();
        std::ranges::transform(before, after, weight->data(),
                               [&](float a, float b) { return static_cast<float>(a + (b - a) * t); });
        LoadedKernels mixed = *loaded_to;
        mixed.weight = std::move(weight);
        to.bank = std::move(mixed);
    }
};

}  // namespace

Document document_between(const Document& from, const Document& to, double t) {
    if (t >= 1) return to;
    const Mix mix{std::max(t, 0.0)};
    Document d = to;
    mix(from.input.shift, d.input.shift);
    if (from.input.crop && d.input.crop) mix(*from.input.crop, *d.input.crop);
    if (from.conv.same == to.conv.same) {
        mix(from.conv.stride, d.conv.stride);
        mix(from.conv.padding, d.conv.padding);
        mix(from.conv.dilation, d.conv.dilation);
    }
    if (from.display.scale.mode == ScaleMode::fixed && to.display.scale.mode == ScaleMode::fixed) {
        mix(from.display.scale.lo, d.display.scale.lo);
        mix(from.display.scale.hi, d.display.scale.hi);
    }
    if (std::holds_alternative<ConvChain>(from.network)) mix.kernels(from.kernels, d.kernels);
    return d;
}

}  // namespace convlens
