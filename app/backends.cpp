/// auto, cpu, gl.
#include "app/backends.h"

#include "app/gpu/gl_backend.h"

namespace convlens {

namespace {

Expected<std::unique_ptr<Backend>> make_gl(const BackendChoice& choice, bool card) {
    GlOptions options = choice.gl;
    options.refuse_software = card;
    auto made = make_gl_backend(options);
    if (!made) return tl::unexpected(made.error());
    return std::move(*made);
}

}  // namespace

EitherBackend::Makers backend_makers(const BackendChoice& choice) {
    return {[choice] { return make_cpu_backend(choice.cpu); }, [choice] { return make_gl(choice, true); }, [choice] { return make_gl(choice, false); }};
}

Expected<std::unique_ptr<Backend>> make_backend(const BackendChoice& choice) {
    if (choice.backend == "gl") return make_gl(choice, false);
    if (choice.backend == "auto")
        if (auto card = make_gl(choice, true)) return card;
    return make_cpu_backend(choice.cpu);
}

}  // namespace convlens
