/// The grid's row.
#include "app/ui/tools/grid/grid.h"

#include "app/ui/frame.h"
#include "app/ui/tool.h"

namespace convlens {

const Tool grid_tool{.id = "grid", .middle = {"Grid", "Every channel of the layer at once (Esc)", grid_panel}};

}  // namespace convlens
