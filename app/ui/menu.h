/// The table of actions as menus, as a palette and as a page of help.
#pragma once

namespace convlens {

struct Frame;
struct Overlay;

void menu_bar(Frame& frame);

/// Opens the command palette, empty.
void open_palette(Frame& frame);

extern const Overlay palette_overlay, help_overlay;

}  // namespace convlens
