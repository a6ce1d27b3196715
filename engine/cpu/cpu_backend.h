/// The multithreaded CPU backend.
#pragma once

#include <memory>
#include <string>

#include "engine/nn/backend.h"

namespace convlens {

/// Options of the CPU backend.
struct CpuOptions {
    int threads = 0;  ///< Number of threads, at most 4096; 0 means one per core.
    std::string isa;  ///< SIMD instruction set to use, as in Simd::name ("AVX2"); empty means the best available one.
};

/// Makes a backend that computes on the cores of this machine. Fails if the machine does not support options.isa, or if
/// options.threads is out of range.
Expected<std::unique_ptr<Backend>> make_cpu_backend(const CpuOptions& options);

}  // namespace convlens
