/// Every action of the window, in one table: menus, shortcuts, the command palette and the help are drawn from it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace convlens {

struct Frame;

/// A key with modifiers. Printable characters without Ctrl or Alt are meant as typed ('?', '[', 'S' is Shift and s),
/// so that they work on every keyboard; with Ctrl or Alt, letters are upper case. Others are GLFW's key codes.
struct Chord {
    int key = 0;   ///< 0: none.
    int mods = 0;  ///< GLFW_MOD_*.
    friend constexpr bool operator==(const Chord&, const Chord&) = default;
};

/// "Ctrl+Shift+Z", "Home", "?".
std::string to_string(Chord chord);

enum class Menu { file, edit, kernels, layer, grid, view, lecture, help };
inline constexpr std::array<const char*, 8> menu_titles{"File", "Edit", "Kernels", "Layer",
                                                        "Grid", "View", "Lecture", "Help"};

struct Action {
    const char* id;     ///< Its name in the UI map.
    const char* title;  ///< As menus, palette and help spell it.
    Menu menu;
    std::array<Chord, 2> chords;  ///< The first is shown; the second works as well.
    bool (*enabled)(const Frame&);
    void (*run)(Frame&);
};

/// All actions, the window's own and every tool's; those of one menu in its order.
std::span<const Action> actions();

/// The action of a chord; null for none. No two actions share a chord.
const Action* action_for(Chord chord);

}  // namespace convlens
