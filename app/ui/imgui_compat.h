/// What depends on the version of Dear ImGui (1.86 to 1.90).
#pragma once

#include <imgui.h>

#include <cstdint>

namespace convlens {

/// An OpenGL texture as ImGui's images want it.
inline ImTextureID texture_id(unsigned name) { return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(name)); }

}  // namespace convlens
