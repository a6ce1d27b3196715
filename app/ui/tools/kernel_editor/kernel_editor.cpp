/// The kernel editor tool.
#include "app/ui/tools/kernel_editor/kernel_editor.h"

#include "app/ui/frame.h"
#include "app/ui/tool.h"

namespace convlens {

extern const Tool kernel_editor_tool;

namespace {

void edit(Frame& f) {
    f.view.panels = true;
    f.view.tool = &grid_tool;
    f.view.side = f.view.side == &kernel_editor_tool ? &kernels_tool : &kernel_editor_tool;
}

constexpr Action rows[] = {
    {"edit",
     "Edit the selected kernel",
     Menu::kernels,
     {{{'k', 0}}},
     [](const Frame& f) { return f.shown != nullptr; },
     edit},
};

}  // namespace

const Tool kernel_editor_tool{
    .id = "kernel",
    .side = {"Edit", "Edits the values of the selected kernel: drag, type, paint, rotate, or fill from a formula (k)",
             kernel_editor_panel},
    .actions = rows};

}  // namespace convlens
