/// The evaluate worker's job.
#pragma once

#include <functional>
#include <optional>

#include "app/backends.h"
#include "app/ui/shown.h"
#include "engine/core/cancel.h"

namespace convlens {

/// What the worker runs: holds a back end, remembers what it computed last, and has each tool answer what it wants. To
/// be called on the worker's thread.
std::function<std::optional<Expected<Shown>>(const ShowRequest&, const Cancel&)> make_show_job(
    const BackendChoice& backend);

}  // namespace convlens
