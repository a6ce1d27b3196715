/// Work in tiles: threads, cancelling, progress.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <cstddef>

#include "engine/core/cancel.h"

namespace convlens {

/// Runs body(i) for 0 <= i < count on the threads of the arena that it is called in. Asks `cancel` before each tile
/// and tells it what is done. False when it was asked to stop; some tiles have not been run then.
template <class Body>
bool for_each_tile(std::ptrdiff_t count, const Cancel& cancel, const Body& body) {
    std::atomic<std::ptrdiff_t> done = 0;
    std::atomic<bool> stopped = false;
    oneapi::tbb::parallel_for(std::ptrdiff_t{0}, count, [&](std::ptrdiff_t i) {
        if (stopped) return;
        if (cancel.requested()) {
            stopped = true;
            return;
        }
        body(i);
        cancel.report(static_cast<float>(++done) / static_cast<float>(count));
    });
    return !stopped;
}

}  // namespace convlens
