/// The back end that the user asked for.
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

/// Makers of both back ends; choice.backend is not asked.
EitherBackend::Makers backend_makers(const BackendChoice& choice);

/// Which back end work uses that is done once and for which nothing is measured: "auto" is OpenGL where a graphics card
/// computes it.
BackendUse use_at_once(const BackendChoice& choice);

/// For commands. "cpu" and "gl" are that one or fail in a sentence. "auto" is OpenGL where a graphics card computes,
/// else the CPU: when OpenGL is missing, too old or a program on the CPU itself; the CPU takes over inside guarded().
/// To be called on the thread that will use the back end.
Expected<EitherBackend> make_backend(const BackendChoice& choice);

}  // namespace convlens
