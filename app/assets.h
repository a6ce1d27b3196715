/// Where the files that come with the program lie.
#pragma once

#include "engine/open.h"

namespace convlens {

/// $CONVLENS_ASSETS if set, else share/convlens/assets beside the installed program's bin folder, else the assets of
/// the source tree that the program was built from. Independent of the current folder.
Assets find_assets();

}  // namespace convlens
