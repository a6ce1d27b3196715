/// The products of layers that are sums of a weight times an input value, apart from Conv2d and Linear.
#pragma once

#include "engine/nn/layers.h"

namespace convlens {

/// Calls body(index of the weight, index of the input value, index of the output value) for all products of a
/// LocallyConnected2d, those of one output value one after the other.
template <class Body>
void for_products(const LocallyConnected2dSpec& s, const Shape& in, const Shape& /*out*/, const Body& body) {
    const auto to_size = [](int n) { return static_cast<std::size_t>(n); };
    const int places = s.output_size.h * s.output_size.w, taps = s.kernel_size.h * s.kernel_size.w;
    for (int o = 0; o < s.out_channels; ++o)
        for (int p = 0; p < places; ++p)
            for (int c = 0; c < s.in_channels; ++c)
                for (int t = 0; t < taps; ++t) {
                    const int y = p / s.output_size.w * s.stride.h + t / s.kernel_size.w,
                              x = p % s.output_size.w * s.stride.w + t % s.kernel_size.w;
                    body(((to_size(o) * to_size(s.in_channels) + to_size(c)) * to_size(places) + to_size(p)) *
                                 to_size(taps) +
                             to_size(t),
                         (to_size(c) * to_size(in.h) + to_size(y)) * to_size(in.w) + to_size(x),
                         to_size(o) * to_size(places) + to_size(p));
                }
}

/// Likewise for a ConvTranspose2d, those of one input channel one after the other.
template <class Body>
void for_products(const ConvTranspose2dSpec& s, const Shape& in, const Shape& out, const Body& body) {
    const auto to_size = [](int n) { return static_cast<std::size_t>(n); };
    const int of_group = s.out_channels / s.groups, taps = s.kernel_size.h * s.kernel_size.w;
    for (int c = 0; c < s.in_channels; ++c)
        for (int k = 0; k < of_group; ++k)
            for (int t = 0; t < taps; ++t)
                for (int v = 0; v < in.h; ++v)
                    for (int u = 0; u < in.w; ++u) {
                        const int o = c / (s.in_channels / s.groups) * of_group + k,
                                  y = v * s.stride.h - s.padding.h + t / s.kernel_size.w * s.dilation.h,
                                  x = u * s.stride.w - s.padding.w + t % s.kernel_size.w * s.dilation.w;
                        if (y < 0 || y >= out.h || x < 0 || x >= out.w) continue;
                        body((to_size(c) * to_size(of_group) + to_size(k)) * to_size(taps) + to_size(t),
                             (to_size(c) * to_size(in.h) + to_size(v)) * to_size(in.w) + to_size(u),
                             (to_size(o) * to_size(out.h) + to_size(y)) * to_size(out.w) + to_size(x));
                    }
}

}  // namespace convlens
