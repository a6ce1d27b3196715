/// auto, cpu, gl.
#include "app/backends.h"

#include "app/gpu/gl_backend.h"

namespace convlens {

Expected<std::unique_ptr<Backend>> make_backend(const BackendChoice& choice) {
    if (choice.backend == "gl") return make_gl_backend(choice.gl);
    if (choice.backend == "auto") {
        GlOptions options = choice.gl;
        options.refuse_software = true;
        if (auto card = make_gl_backend(options)) return std::move(*card);
    }
    return make_cpu_backend(choice.cpu);
}

}  // namespace convlens
