/// The multithreaded CPU backend.
#pragma once

#include <memory>
#include <string>

#include "engine/nn/backend.h"

namespace convlens {

struct CpuOptions {
    int threads = 0;  ///< Number of threads; 0 means one per core.
    std::string isa;  ///< Highway's name of the instruction set to use; empty means the best one available.
};

/// Makes a backend that computes on the cores of this machine. Fails when the machine lacks options.isa or `threads` is
/// out of range.
Expected<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options);

}  // namespace convlens
