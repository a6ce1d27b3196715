/// Reads a scene part.
#include "engine/session/scene_part.h"

namespace convlens {

std::span<const ScenePart> ScenePart::list() const {
    const auto* values = std::get_if<List>(&value);
    return values ? std::span<const ScenePart>(*values) : std::span<const ScenePart>();
}

const ScenePart& ScenePart::operator[](std::string_view name) const {
    static const ScenePart nothing;
    const auto* members = std::get_if<Object>(&value);
    if (!members) return nothing;
    const auto found = members->find(name);
    return found == members->end() ? nothing : found->second;
}

}  // namespace convlens
