/// Panels that are independent of the tool: each draws itself and edits the frame's draft.
#pragma once

namespace convlens {

struct Frame;

void source_panel(Frame& frame);   ///< Source and preprocessing of the input.
void network_panel(Frame& frame);  ///< The chain of layers.
void layer_panel(Frame& frame);    ///< Kernels and hyperparameters of a single convolution.
void status_bar(Frame& frame);     ///< Shapes, backend, time and errors.

}  // namespace convlens
