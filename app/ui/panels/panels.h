/// The panels that are there whatever the tool: each draws itself and edits the frame's draft.
#pragma once

namespace convlens {

struct Frame;

void source_panel(Frame& frame);   ///< Where the input comes from and what is done to it.
void network_panel(Frame& frame);  ///< The chain of layers.
void layer_panel(Frame& frame);    ///< Kernels and hyper-parameters of the one convolution.
void status_bar(Frame& frame);     ///< Shapes, back end, time, errors.

}  // namespace convlens
