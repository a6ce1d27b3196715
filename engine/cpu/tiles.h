/// Work in tiles: threads, cancelling, progress.
#pragma once

#include <oneapi/tbb/parallel_for.h>

#include <atomic>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/core/cancel.h"

namespace convlens {

/// Runs body(i) for 0 <= i < count on the threads of the arena that it is called in. Asks `cancel` before each tile
/// and tells it what is done. False when it was asked to stop; some tiles have not been run then. A body whose tile may
/// take milliseconds asks by itself and returns false when it gave up.
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
        if constexpr (std::is_same_v<decltype(body(i)), bool>) {
            if (!body(i)) stopped = true;
        } else {
            body(i);
        }
        cancel.report(static_cast<float>(++done) / static_cast<float>(count));
    });
    return !stopped;
}

/// `count` values that a thread uses again from tile to tile; valid until it asks for values of that type again.
template <class Value>
std::span<Value> scratch(std::size_t count) {
    thread_local std::vector<Value> values;
    if (values.size() < count) values.resize(count);
    return std::span(values).first(count);
}

}  // namespace convlens
