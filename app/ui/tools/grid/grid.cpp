/// The grid tool.
#include "app/ui/tools/grid/grid.h"

#include "app/ui/frame.h"
#include "app/ui/tool.h"

namespace convlens {

const Tool grid_tool{.id = "grid",
                     .middle = {"Grid", "Shows the feature maps of all channels of the layer (Esc)", grid_panel}};

}  // namespace convlens
