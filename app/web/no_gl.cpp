/// Stubs of the OpenGL backend for the browser: WebGL 2 has no compute shaders.
#include "app/gpu/gl_backend.h"

namespace convlens {

struct GlBackend::State {};

GlBackend::~GlBackend() = default;
std::string GlBackend::name() const { return "OpenGL"; }
Expected<std::shared_ptr<const Activations>> GlBackend::forward(const Network&, std::shared_ptr<const Tensor>, int,
                                                                const Cancel&) {
    return fail("OpenGL is not available in the browser");
}
void GlBackend::forget() {}
GlDriver GlBackend::driver() const { return {}; }
GlUsage GlBackend::usage() const { return {}; }
double GlBackend::device_ms() const { return 0; }
bool GlBackend::timer_works() const { return false; }

Expected<std::unique_ptr<GlBackend>> make_gl_backend(const GlOptions&) {
    return fail("OpenGL is not available in the browser: WebGL 2 has no compute shaders");
}

std::optional<GlFault> gl_fault_from(std::string_view) { return std::nullopt; }
bool GlOptions::simulates(GlFault) const { return false; }

}  // namespace convlens
