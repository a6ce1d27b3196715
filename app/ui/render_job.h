/// The job of the evaluate worker.
#pragma once

#include <functional>
#include <optional>

#include "app/backends.h"
#include "app/ui/render_result.h"
#include "engine/core/cancel.h"

namespace convlens {

/// Returns the worker's function. The function owns a backend, caches its last results, and lets each tool answer its
/// request. Must be called on the worker thread.
std::function<std::optional<Expected<RenderResult>>(const RenderRequest&, const Cancel&)> make_render_job(
    const BackendChoice& backend);

}  // namespace convlens
