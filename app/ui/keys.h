/// Translates key events to actions.
#pragma once

#include <utility>
#include <vector>

#include "app/ui/actions.h"

namespace convlens {

struct View;

/// Collects the actions of the keys that were pressed since the last frame. A key that a text field or an open overlay
/// handles triggers no action.
class Keys {
  public:
    /// Handles a key that types no character, or a letter with Ctrl or Alt. The arguments are those of GLFW's key
    /// callback; `repeated` is true for GLFW_REPEAT.
    void pressed(const View& view, int key, int scancode, bool repeated, int mods);

    /// Handles a typed character, from GLFW's character callback.
    void typed(const View& view, unsigned character);

    /// Returns the actions since the last call, in the order of their keys.
    std::vector<const Action*> take_actions() { return std::exchange(actions_, {}); }

    /// Returns true once after Esc was pressed to close popups of Dear ImGui.
    bool take_close_popups() { return std::exchange(close_popups_, false); }

    /// Returns true if any key was pressed since the last call.
    bool take_any() { return std::exchange(any_, false); }

  private:
    std::vector<const Action*> actions_;
    bool close_popups_ = false, any_ = false;
};

}  // namespace convlens
