/// Makes the backend that the user selected.
#pragma once

#include <memory>
#include <string>

#include "app/either_backend.h"
#include "app/gpu/gl_options.h"
#include "engine/cpu/cpu_backend.h"
#include "engine/nn/backend.h"

namespace convlens {

/// The selected backend and the options of both backends.
struct BackendChoice {
    std::string backend = "auto";  ///< "auto", "cpu" or "gl": see make_backend().
    CpuOptions cpu;
    GlOptions gl;
};

/// Returns functions that make the CPU backend and the OpenGL backends with the options of `choice`. Ignores
/// choice.backend.
EitherBackend::Makers backend_makers(const BackendChoice& choice);

/// Returns the backend for work that runs only once, such as a command: measuring both backends would take longer than
/// the work. "auto" means OpenGL if there is a graphics card, otherwise the CPU.
BackendUse use_at_once(const BackendChoice& choice);

/// Makes a backend for commands. "cpu" and "gl" use that backend or fail with an error message. "auto" uses OpenGL if
/// there is a graphics card whose driver supports OpenGL 4.3, otherwise the CPU; if OpenGL fails inside guarded(), the
/// CPU takes over. Must be called on the thread that uses the backend.
Expected<EitherBackend> make_backend(const BackendChoice& choice);

}  // namespace convlens
