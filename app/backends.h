/// The backend that the user selected.
#pragma once

#include <memory>
#include <string>

#include "app/either_backend.h"
#include "app/gpu/gl_options.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/nn/backend.h"

namespace convlens {

struct BackendChoice {
    std::string backend = "auto";  ///< "auto", "cpu" or "gl".
    CpuOptions cpu;
    GlOptions gl;
};

/// Factories of both backends; ignores choice.backend.
EitherBackend::Makers backend_makers(const BackendChoice& choice);

/// The backend for work that is done only once, so that nothing is measured: "auto" means OpenGL if a graphics card
/// computes it.
BackendUse use_at_once(const BackendChoice& choice);

/// Makes a backend for commands. "cpu" and "gl" use that backend or fail with an error message. "auto" uses OpenGL if a
/// graphics card computes it, else the CPU: if OpenGL is missing, too old, or a software driver. If OpenGL fails inside
/// guarded(), the CPU takes over. Must be called on the thread that uses the backend.
Expected<EitherBackend> make_backend(const BackendChoice& choice);

}  // namespace convlens
