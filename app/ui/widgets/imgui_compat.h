/// Hides differences between versions 1.86 to 1.91 of Dear ImGui.
#pragma once

#include <imgui.h>
#include <imgui_internal.h>

#include <cstdint>

namespace convlens {

/// Returns the OpenGL texture `name` as an ImGui texture id.
inline ImTextureID texture_id(unsigned name) {
    return (ImTextureID) static_cast<std::intptr_t>(name);  // ImTextureID is a pointer before 1.91.4, then a number
}

/// The Enter key of the numeric keypad.
#if IMGUI_VERSION_NUM >= 18700
inline constexpr ImGuiKey keypad_enter = ImGuiKey_KeypadEnter;
#else
inline constexpr ImGuiKey keypad_enter = ImGuiKey_KeyPadEnter;
#endif

/// Returns true in the frame in which `key` is pressed; with `repeat`, also repeatedly while it is held.
inline bool key_pressed(ImGuiKey key, bool repeat) {
#if IMGUI_VERSION_NUM >= 18700
    return ImGui::IsKeyPressed(key, repeat);
#else
    return ImGui::IsKeyPressed(ImGui::GetKeyIndex(key), repeat);
#endif
}

/// Reserves the mouse wheel for the last item, so that the window does not scroll while the mouse is over it.
inline void take_wheel() {
#if IMGUI_VERSION_NUM >= 18930
    ImGui::SetItemKeyOwner(ImGuiKey_MouseWheelY);
#else
    ImGui::SetItemUsingMouseWheel();
#endif
}

}  // namespace convlens
