/// Hyper-parameters of the layers by torch.nn's names: one description for reading, printing and editing them.
#pragma once

#include <type_traits>

#include "engine/nn/layers.h"

namespace convlens {

/// Forwards fields to a visitor whose functions do not take the `meaning` argument.
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

/// Calls, in the order of torch.nn's constructor,
///   visitor.required(name, value)                  for a field without a default value,
///   visitor.optional(name, value, default_value)   for a field with one (a pool's default stride is its kernel_size,
///                                                  which is visited before),
///   visitor.padding(params)                        for "padding" of a Conv2d, which is a size or 'same'.
/// Values are int, bool, float, Size2, PaddingMode or std::optional<int>; const if the spec is const.
template <class Spec, class Visitor>
void visit_fields(Spec& spec, Visitor& visitor) {
    WithoutTooltips<Visitor> visit{visitor};
    LayerTraits<std::remove_const_t<Spec>>::fields(spec, visit);
}

/// Like visit_fields(), but each call has one more argument at the end: the meaning of the field, which is its tooltip.
template <class Spec, class Visitor>
void visit_fields_with_tooltips(Spec& spec, Visitor& visitor) {
    LayerTraits<std::remove_const_t<Spec>>::fields(spec, visitor);
}

}  // namespace convlens
