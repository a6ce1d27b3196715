/// The back end that the user asked for.
#pragma once

#include <memory>
#include <string>

#include "app/either_backend.h"
#include "app/gpu/gl_options.h"
#include "engine/backend.h"
#include "engine/cpu/cpu_backend.h"

namespace convlens {

struct BackendChoice {
    std::string backend = "auto";  ///< "auto", "cpu" or "gl".
    CpuOptions cpu;
    GlOptions gl;
};

/// "cpu" and "gl" make that one or fail in a sentence. "auto" makes OpenGL where a graphics card computes,
/// else the CPU: when OpenGL is missing, too old or a program on the CPU itself. To be called on the thread
/// that will use the back end.
Expected<std::unique_ptr<Backend>> make_backend(const BackendChoice& choice);

/// For a back end that can be either: choice.backend is not asked.
EitherBackend::Makers backend_makers(const BackendChoice& choice);

}  // namespace convlens
