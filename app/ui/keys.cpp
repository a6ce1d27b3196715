/// Maps keys to actions.
#include "app/ui/keys.h"

#include <GLFW/glfw3.h>
#include <imgui.h>

#include "app/ui/frame.h"
#include "app/ui/tool.h"
#include "app/web/page.h"

namespace convlens {
namespace {

/// Returns the key as a Chord has it: letters as printed on the user's keyboard.
int chord_key(int key, int scancode) {
    if constexpr (in_browser) return key;  // the browser already reports the printed letter
    const char* name = glfwGetKeyName(key, scancode);
    if (!name || name[0] == 0 || name[1] != 0) return key;
    const char c = name[0];
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

}  // namespace

void Keys::pressed(const View& view, int key, int scancode, bool repeated, int mods) {
    any_ = true;
#ifdef __APPLE__
    if (mods & GLFW_MOD_SUPER) mods |= GLFW_MOD_CONTROL;  // on macOS, Cmd takes the place of Ctrl
#endif
    mods &= GLFW_MOD_CONTROL | GLFW_MOD_SHIFT | GLFW_MOD_ALT;
    const bool letter = key < GLFW_KEY_ESCAPE, command = (mods & (GLFW_MOD_CONTROL | GLFW_MOD_ALT)) != 0;
    if (letter && !command) return;  // typed() handles it
    const bool writing = ImGui::GetIO().WantTextInput;
    if (key == GLFW_KEY_ESCAPE && !view.overlay && (writing || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup))) {
        close_popups_ = !writing;  // a text field handles Esc itself
        return;
    }
    if ((writing || view.overlay) && key != GLFW_KEY_ESCAPE && !letter && key != GLFW_KEY_F1) return;
    const Action* found = action_for({letter ? chord_key(key, scancode) : key, mods});
    if (!found && letter) found = action_for({key, mods});  // Ctrl+1 on layouts where the key types another character
    if (!found || (writing && found->menu == Menu::edit)) return;  // a text field has its own undo and redo
    const bool repeats = found->menu == Menu::grid || found->menu == Menu::layer || found->menu == Menu::edit;
    if (!repeated || repeats) actions_.push_back(found);
}

void Keys::typed(const View& view, unsigned character) {
    any_ = true;
    if (ImGui::GetIO().WantTextInput || character >= 128) return;
    if (view.overlay && (view.overlay->letters || character != '?')) return;
    if (const Action* action = action_for({static_cast<int>(character), 0})) actions_.push_back(action);
}

}  // namespace convlens
