/// The job of the evaluate worker, which computes what is on screen.
#pragma once

#include <functional>
#include <optional>

#include "app/backends.h"
#include "app/ui/render_result.h"
#include "engine/core/cancel.h"

namespace convlens {

/// Returns the function that the worker calls for each request. It returns the result or an error, or nullopt if
/// canceled. It owns a backend, caches its last results, and lets each tool answer its request. make_render_job() must
/// be called on the worker thread.
std::function<std::optional<Expected<RenderResult>>(const RenderRequest&, const Cancel&)> make_render_job(
    const BackendChoice& backend);

}  // namespace convlens
