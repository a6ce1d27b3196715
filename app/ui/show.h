/// The evaluate worker's job, and where the grid lies in its area.
#pragma once

#include <functional>
#include <optional>

#include "app/cli/options.h"
#include "app/ui/frame.h"
#include "engine/core/cancel.h"

namespace convlens {

/// The look that draws `view`: look with columns, cell and region chosen so that `count` maps of size `map` lie as the
/// view says, with nothing painted between the cells. With fewer than 64 maps and 8 columns asked for, columns are
/// chosen so that the cells get largest.
Look fitted_look(const Look& look, const GridView& view, Size2 map, int count);

/// What the worker runs: holds a back end, remembers what it computed last. To be called on the worker's thread.
std::function<std::optional<Expected<Shown>>(const ShowRequest&, const Cancel&)> make_show_job(
    const BackendOptions& options);

}  // namespace convlens
