/// Makes the backends "auto", "cpu" and "gl".
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
    return {[choice] { return make_cpu_backend(choice.cpu); }, [choice] { return make_gl(choice, true); },
            [choice] { return make_gl(choice, false); }};
}

BackendUse use_at_once(const BackendChoice& choice) {
    const BackendUse use = backend_use_from(choice.backend);
    return use == BackendUse::automatic ? BackendUse::card : use;
}

Expected<EitherBackend> make_backend(const BackendChoice& choice) {
    EitherBackend::Makers makers = backend_makers(choice);
    if (choice.backend == "gl") makers.cpu = nullptr;
    EitherBackend backend(std::move(makers));
    backend.use(use_at_once(choice));
    if (auto ok = backend.prepare(); !ok) return tl::unexpected(ok.error());
    return backend;
}

}  // namespace convlens
