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

/// Returns factories for both backends; ignores choice.backend.
EitherBackend::Makers backend_makers(const BackendChoice& choice);

/// Returns the backend for work that is done only once, where measuring does not pay: "auto" means OpenGL if there is a
/// graphics card.
BackendUse use_at_once(const BackendChoice& choice);

/// Makes a backend for commands. "cpu" and "gl" use that backend or fail with an error message. "auto" uses OpenGL if
/// there is a graphics card. If OpenGL is missing, too old, or only a software driver, "auto" uses the CPU. If OpenGL
/// fails inside guarded(), the CPU takes over. Must be called on the thread that uses the backend.
Expected<EitherBackend> make_backend(const BackendChoice& choice);

}  // namespace convlens
