/// The multithreaded CPU back end.
#pragma once

#include <memory>
#include <string>

#include "engine/nn/backend.h"

namespace convlens {

struct CpuOptions {
    int threads = 0;  ///< 0: one a core.
    std::string isa;  ///< An instruction set by Highway's name; empty: the best that the machine has.
};

/// A back end that computes on this machine's cores. Fails when the machine lacks options.isa, or threads is negative.
Expected<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options);

}  // namespace convlens
