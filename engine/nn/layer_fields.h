/// The hyper-parameters of the layers by torch.nn's names: one description for reading, printing and editing them.
#pragma once

#include <concepts>
#include <type_traits>

#include "engine/nn/layers.h"

namespace convlens {

template <class T, class Spec>
concept Kind = std::same_as<std::remove_const_t<T>, Spec>;

// visit_fields(spec, visitor) calls, in the order of torch.nn's constructor,
//   visitor.required(name, value)             for what has no default,
//   visitor.optional(name, value, standard)   for what has one (a pool's standard stride is its kernel_size, which is
//                                             visited before),
//   visitor.padding(params)                   for "padding", which is a size or 'same'.
// Values are int, bool, float, Size2, PaddingMode or std::optional<int>; const where the spec is.

template <Kind<Conv2dSpec> S, class V>
void visit_fields(S& s, V& visit) {
    const ConvParams standard;
    visit.required("in_channels", s.in_channels);
    visit.required("out_channels", s.out_channels);
    visit.required("kernel_size", s.kernel_size);
    visit.optional("stride", s.params.stride, standard.stride);
    visit.padding(s.params);
    visit.optional("dilation", s.params.dilation, standard.dilation);
    visit.optional("groups", s.params.groups, standard.groups);
    visit.optional("bias", s.bias, true);
    visit.optional("padding_mode", s.params.padding_mode, standard.padding_mode);
    visit.optional("flip", s.params.flip, standard.flip);
}

template <Kind<LocallyConnected2dSpec> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("in_channels", s.in_channels);
    visit.required("out_channels", s.out_channels);
    visit.required("output_size", s.output_size);
    visit.required("kernel_size", s.kernel_size);
    visit.optional("stride", s.stride, Size2{1, 1});
    visit.optional("bias", s.bias, true);
}

template <Kind<LeakyReLU> S, class V>
void visit_fields(S& s, V& visit) {
    visit.optional("negative_slope", s.negative_slope, LeakyReLU{}.negative_slope);
}

template <Kind<MaxPool2d> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("kernel_size", s.kernel_size);
    visit.optional("stride", s.stride, Size2(s.kernel_size));
    visit.optional("padding", s.padding, Size2{0, 0});
    visit.optional("dilation", s.dilation, Size2{1, 1});
    visit.optional("ceil_mode", s.ceil_mode, false);
}

template <Kind<AvgPool2d> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("kernel_size", s.kernel_size);
    visit.optional("stride", s.stride, Size2(s.kernel_size));
    visit.optional("padding", s.padding, Size2{0, 0});
    visit.optional("ceil_mode", s.ceil_mode, false);
    visit.optional("count_include_pad", s.count_include_pad, true);
    visit.optional("divisor_override", s.divisor_override, std::optional<int>());
}

template <Kind<AdaptiveAvgPool2d> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("output_size", s.output_size);
}

template <Kind<BatchNorm2dSpec> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("num_features", s.num_features);
    visit.optional("eps", s.eps, BatchNorm2dSpec{}.eps);
    visit.optional("affine", s.affine, true);
}

template <Kind<LinearSpec> S, class V>
void visit_fields(S& s, V& visit) {
    visit.required("in_features", s.in_features);
    visit.required("out_features", s.out_features);
    visit.optional("bias", s.bias, true);
}

template <Kind<Dropout> S, class V>
void visit_fields(S& s, V& visit) {
    visit.optional("p", s.p, Dropout{}.p);
}

/// ReLU, Sigmoid, Tanh, Flatten and Softmax have none.
template <class S, class V>
requires std::is_empty_v<S>
void visit_fields(S& /*spec*/, V& /*visit*/) {}

}  // namespace convlens
