/// The evaluate worker's job.
#pragma once

#include <functional>
#include <optional>

#include "app/backends.h"
#include "app/ui/render_result.h"
#include "engine/core/cancel.h"

namespace convlens {

/// What the worker runs: holds a back end, remembers what it computed last, and has each tool answer what it wants. To
/// be called on the worker's thread.
std::function<std::optional<Expected<RenderResult>>(const RenderRequest&, const Cancel&)> make_render_job(
    const BackendChoice& backend);

}  // namespace convlens
