/// Translates key events to actions.
#pragma once

#include <utility>
#include <vector>

#include "app/ui/actions.h"

namespace convlens {

struct View;

/// Collects the actions of the keys pressed since the last frame. Keys that a text field or an open overlay uses
/// trigger no action.
class Keys {
  public:
    /// Handles a non-printable key, or a letter with Ctrl or Alt; the arguments are those of GLFW's key callback.
    void pressed(const View& view, int key, int scancode, bool repeated, int mods);

    /// Handles a character of GLFW's character callback.
    void typed(const View& view, unsigned character);

    std::vector<const Action*> take_actions() { return std::exchange(actions_, {}); }

    /// Returns true once after Esc was pressed to close Dear ImGui's popups.
    bool take_close_popups() { return std::exchange(close_popups_, false); }

    /// Returns true if any key was pressed since the last call.
    bool take_any() { return std::exchange(any_, false); }

  private:
    std::vector<const Action*> actions_;
    bool close_popups_ = false, any_ = false;
};

}  // namespace convlens
