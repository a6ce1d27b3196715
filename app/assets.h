/// Location of the files that come with the program.
#pragma once

#include "engine/open/open_network.h"

namespace convlens {

/// Returns $CONVLENS_ASSETS if it is set, else on Windows the folder assets beside the program, else
/// share/convlens/assets beside the bin folder of the installed program, else the assets of the source tree that the
/// program was built from. Does not depend on the current folder.
Assets find_assets();

/// Returns find_assets() and torch.hub's checkpoint folders: $TORCH_HOME/hub/checkpoints, else those of
/// $XDG_CACHE_HOME/torch and ~/.cache/torch
/// (https://pytorch.org/docs/stable/hub.html#where-are-my-downloaded-models-saved).
NetworkPlaces find_network_places();

}  // namespace convlens
