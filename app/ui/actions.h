/// The table of all actions of the window. Menus, shortcuts, command palette and help are made from it.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

#include "app/ui/language.h"

namespace convlens {

struct Frame;

/// A key with modifiers. Without Ctrl and Alt, a printable character is the typed character, so that the chord works
/// with every keyboard layout: '?', '[', 'S' for Shift+s. With Ctrl or Alt, letters are upper case. Other keys are GLFW
/// key codes.
struct Chord {
    int key = 0;   ///< The character or GLFW key code; 0 means no key.
    int mods = 0;  ///< Modifiers: GLFW_MOD_* bits.
    friend constexpr bool operator==(const Chord&, const Chord&) = default;
};

/// Returns the chord as text in the current language: "Ctrl+Shift+Z", "Home", "?". Empty if it has no key.
std::string to_string(Chord chord);

/// The menus, in the order of the menu bar.
enum class Menu { file, edit, kernels, layer, grid, view, lecture, help };
/// Titles of the menus in English, by the value of Menu.
inline constexpr std::array<Word, 8> menu_titles{"File", "Edit", "Kernels", "Layer", "Grid", "View", "Lecture", "Help"};

/// A named command of the window.
struct Action {
    const char* id;                 ///< Name of its control in the UI map: "menu.ID" and "palette.ID".
    Word title;                     ///< Title in menus, palette and help.
    Menu menu;                      ///< Menu that lists the action.
    std::array<Chord, 2> chords;    ///< The first chord is displayed; the second is an alternative.
    bool (*enabled)(const Frame&);  ///< Returns whether the action can run; if not, menus draw it disabled.
    void (*run)(Frame&);            ///< Runs the action.
};

/// Returns all actions of the window and of all tools. Actions of the same menu are in menu order.
std::span<const Action> actions();

/// Runs the action if it is enabled.
void run(Frame& f, const Action& action);

/// Returns the action of `chord`; null if no action has it. No two actions have the same chord.
const Action* action_for(Chord chord);

}  // namespace convlens
