/// The window's panels: each draws itself and edits the frame's draft.
#pragma once

#include "app/ui/frame.h"

namespace convlens {

void menu_bar(Frame& frame);
void palette(Frame& frame);       ///< Ctrl+P, when open.
void help(Frame& frame);          ///< Keys and mouse, when open.
void file_browser(Frame& frame);  ///< Open images or kernels, when open.

/// Asks for the files that were dropped or chosen: pictures as the input, one file of kernels as kernels.
void request_files(Requests& requests, const std::vector<std::string>& paths);

/// Opens the export panel at the value and the channel at hand.
void open_export(Frame& frame);

/// Takes out what the export panel says, where that is open, else the plain grid: to the clipboard or to a file.
void export_now(Frame& frame, bool clipboard);

void source_panel(Frame& frame);      ///< Where the input comes from and what is done to it.
void network_panel(Frame& frame);     ///< The chain of layers.
void layer_panel(Frame& frame);       ///< Kernels and hyper-parameters of the one convolution.
void grid_panel(Frame& frame);        ///< Scale, colours and the live grid.
void bars(Frame& frame);              ///< Outputs of one value a channel, in place of the grid.
void microscope_panel(Frame& frame);  ///< The terms of a value, large.
void slide_panel(Frame& frame);       ///< The window travels over the input and fills the output.
void lab_panel(Frame& frame);         ///< Why weights are shared, on one small image.
void compare_panel(Frame& frame);     ///< Two results on one image.
void side_panel(Frame& frame);        ///< Kernels, the microscope or the kernel editor.
void kernel_editor(Frame& frame);     ///< The values of the marked kernel.
void train_panel(Frame& frame);       ///< Lessons: kernels that learn.
void feature_panel(Frame& frame);     ///< Lesson 4: pictures as points in two spaces, and their neighbours.

/// Begins the lesson with what is set in view.train.
void begin_lesson(Frame& frame, Lesson lesson);
void kernels_panel(Frame& frame);  ///< The kernel strip and the marked channel.
void export_panel(Frame& frame);   ///< What to take out and how, when open.
void backends(Frame& frame);       ///< The choice of back end and their times, when open.
void status_bar(Frame& frame);     ///< Shapes, back end, time, errors.

}  // namespace convlens
