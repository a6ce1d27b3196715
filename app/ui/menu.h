/// The table of actions as menu bar, command palette and help page.
#pragma once

namespace convlens {

struct Frame;
struct Overlay;

void menu_bar(Frame& frame);

/// Opens the command palette with an empty query.
void open_palette(Frame& frame);

extern const Overlay palette_overlay, help_overlay;

}  // namespace convlens
