/// The folder of the files that come with the program, and the folders of downloaded weights.
#pragma once

#include "engine/open/open_network.h"

namespace convlens {

/// Returns the folder of the files that come with the program (images, weights, lectures, fonts): $CONVLENS_ASSETS if
/// that is set. Otherwise returns the first of these folders that exists: "assets" beside the program (on Windows
/// only); share/convlens/assets beside the program's bin folder; "assets" of the source tree that the program was built
/// from. If none exists, returns /usr/share/convlens/assets.
Assets find_assets();

/// Returns find_assets() and the folders where torch.hub stores checkpoints, which may not exist:
/// $TORCH_HOME/hub/checkpoints if TORCH_HOME is set; otherwise $XDG_CACHE_HOME/torch/hub/checkpoints (if XDG_CACHE_HOME
/// is set) and ~/.cache/torch/hub/checkpoints. See
/// https://pytorch.org/docs/stable/hub.html#where-are-my-downloaded-models-saved.
NetworkPlaces find_network_places();

}  // namespace convlens
