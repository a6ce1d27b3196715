/// Panels that do not depend on the selected tool. Each function draws one panel and edits the frame's draft.
#pragma once

namespace convlens {

struct Frame;

void source_panel(Frame& frame);   ///< Source and preprocessing of the input.
void network_panel(Frame& frame);  ///< Network, weights and layers.
void layer_panel(Frame& frame);    ///< Kernels and hyperparameters of a single convolution.
void status_bar(Frame& frame);     ///< Shapes, backend, time and errors.

}  // namespace convlens
