/// Visits the hyper-parameters of a layer by their names in torch.nn. The same description is used to read, print and
/// edit them.
#pragma once

#include <type_traits>

#include "engine/nn/layers.h"

namespace convlens {

/// Calls the functions of `visit` without the argument `meaning`, for visitors that do not need the tooltips.
template <class Visitor>
struct WithoutTooltips {
    Visitor& visit;

    template <class Value>
    void required(const char* name, Value& value, const char* /*meaning*/) {
        visit.required(name, value);
    }
    template <class Value>
    void optional(const char* name, Value& value, const std::type_identity_t<Value>& default_value,
                  const char* /*meaning*/) {
        visit.optional(name, value, default_value);
    }
    template <class Params>
    void padding(Params& params, const char* /*meaning*/) {
        visit.padding(params);
    }
};

/// Calls a function of `visitor` for each hyper-parameter of `spec`, in the order of the constructor in torch.nn:
///   visitor.required(name, value)                  for a hyper-parameter without a default value,
///   visitor.optional(name, value, default_value)   for one with a default value; that of a pool's stride is its
///                                                  kernel_size, which is visited before,
///   visitor.padding(params)                        for the padding of a Conv2d, which is a size or 'same'.
/// Values are references to int, bool, float, Size2, PaddingMode, UpsampleMode or std::optional<int>; const if the spec
/// is const.
template <class Spec, class Visitor>
void visit_fields(Spec& spec, Visitor& visitor) {
    WithoutTooltips<Visitor> visit{visitor};
    LayerTraits<std::remove_const_t<Spec>>::fields(spec, visit);
}

/// Like visit_fields(), but each call has one more argument at the end: the tooltip of the hyper-parameter.
template <class Spec, class Visitor>
void visit_fields_with_tooltips(Spec& spec, Visitor& visitor) {
    LayerTraits<std::remove_const_t<Spec>>::fields(spec, visitor);
}

}  // namespace convlens
