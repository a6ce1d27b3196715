/// Scratch memory for the bodies of for_each_tile() (engine/core/parallel.h).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/thread_value.h"

namespace convlens {

/// Returns scratch memory for `count` values with unspecified contents. The calling thread reuses it from tile to tile;
/// it is valid until the thread's next call with the same type.
template <class Value>
std::span<Value> scratch(std::size_t count) {
    struct Scratch;
    auto& values = thread_value<std::vector<Value>, Scratch>();
    if (values.size() < count) values.resize(count);
    return std::span(values).first(count);
}

}  // namespace convlens
