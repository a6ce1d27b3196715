/// Table of all actions of the window; menus, shortcuts, command palette and help are made from it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace convlens {

struct Frame;

/// A key with modifiers. Printable characters without Ctrl or Alt are the typed characters ('?', '[', 'S' is Shift+s),
/// so that they work with every keyboard layout; with Ctrl or Alt, letters are upper case. Other keys are GLFW key
/// codes.
struct Chord {
    int key = 0;   ///< 0 means no key.
    int mods = 0;  ///< GLFW_MOD_*.
    friend constexpr bool operator==(const Chord&, const Chord&) = default;
};

/// Formats a chord: "Ctrl+Shift+Z", "Home", "?".
std::string to_string(Chord chord);

enum class Menu { file, edit, kernels, layer, grid, view, lecture, help };
inline constexpr std::array<const char*, 8> menu_titles{"File", "Edit", "Kernels", "Layer",
                                                        "Grid", "View", "Lecture", "Help"};

struct Action {
    const char* id;     ///< Name in the UI map.
    const char* title;  ///< Title in menus, palette and help.
    Menu menu;
    std::array<Chord, 2> chords;  ///< The first chord is displayed; the second is an alternative.
    bool (*enabled)(const Frame&);
    void (*run)(Frame&);
};

/// All actions of the window and of all tools; actions of the same menu are in menu order.
std::span<const Action> actions();

/// Returns the action of `chord`; null if no action has it. No two actions share a chord.
const Action* action_for(Chord chord);

}  // namespace convlens
