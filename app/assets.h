/// Where the files that come with the program lie.
#pragma once

#include "engine/open/open_network.h"

namespace convlens {

/// $CONVLENS_ASSETS if set, else share/convlens/assets beside the installed program's bin folder, else the assets of
/// the source tree that the program was built from. Independent of the current folder.
Assets find_assets();

/// find_assets(), and torch.hub's folders: $TORCH_HOME/hub/checkpoints, else those of $XDG_CACHE_HOME/torch and
/// ~/.cache/torch (https://pytorch.org/docs/stable/hub.html#where-are-my-downloaded-models-saved).
NetworkPlaces find_network_places();

}  // namespace convlens
