/// Shows the table of actions as menu bar, command palette and help.
#pragma once

namespace convlens {

struct Frame;
struct Overlay;

/// Draws the menu bar.
void menu_bar(Frame& frame);

/// Opens the command palette with an empty query.
void open_palette(Frame& frame);

/// The command palette, in which actions are found by their titles, and the help on keyboard and mouse.
extern const Overlay palette_overlay, help_overlay;

}  // namespace convlens
