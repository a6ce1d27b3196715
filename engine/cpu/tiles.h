/// Work in tiles: for_each_tile() and what its bodies keep.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/parallel.h"

namespace convlens {

/// `count` values that a thread uses again from tile to tile; valid until it asks for values of that type again.
template <class Value>
std::span<Value> scratch(std::size_t count) {
    thread_local std::vector<Value> values;
    if (values.size() < count) values.resize(count);
    return std::span(values).first(count);
}

}  // namespace convlens
