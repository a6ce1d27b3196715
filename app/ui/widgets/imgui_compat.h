/// What depends on the version of Dear ImGui (1.86 to 1.90).
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <cstdint>

namespace convlens {

/// An OpenGL texture as ImGui's images want it.
inline ImTextureID texture_id(unsigned name) { return reinterpret_cast<ImTextureID>(static_cast<std::intptr_t>(name)); }

/// The wheel over the item drawn last is for the item: the window does not scroll.
inline void take_wheel() {
#if IMGUI_VERSION_NUM >= 18930
    ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
#else
    ImGui::SetItemUsingMouseWheel();
#endif
}

}  // namespace convlens
