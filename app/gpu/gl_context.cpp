/// The parts of an OpenGL context that are the same on every system. gl_context_posix.cpp and gl_context_windows.cpp
/// make the context.
#include "app/gpu/gl_context.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace convlens {
namespace {

std::string gl_text(GLenum name) {
    const auto* text = reinterpret_cast<const char*>(glGetString(name));
    return text ? text : "";
}

/// Returns true if GL_RENDERER names a driver that computes on the CPU.
bool is_software(const std::string& renderer) {
    for (const char* name : {"llvmpipe", "softpipe", "swrast", "SwiftShader", "Software Rasterizer", "Basic Render"})
        if (renderer.find(name) != std::string::npos) return true;
    return false;
}

/// Callback of glDebugMessageCallback(): counts errors.
void GLAPIENTRY on_message(GLenum, GLenum type, GLuint, GLenum, GLsizei length, const GLchar* message,
                           const void* user) {
    if (type != GL_DEBUG_TYPE_ERROR) return;
    auto& errors = *static_cast<DriverErrors*>(const_cast<void*>(user));
    ++errors.count;
    errors.last.assign(message, static_cast<std::size_t>(std::max(length, 0)));
}

}  // namespace

std::optional<GlFault> gl_fault_from(std::string_view name) {
    constexpr std::array<std::string_view, 8> names{"",     "no-egl", "no-compute", "compile",
                                                    "link", "memory", "lost",       "nan"};
    const auto at = std::find(names.begin(), names.end(), name);
    if (at == names.end()) return std::nullopt;
    return static_cast<GlFault>(at - names.begin());
}

bool GlOptions::simulates(GlFault asked) const {
    std::error_code ignored;
    return fault == asked && (fault_file.empty() || std::filesystem::exists(fault_file, ignored));
}

Expected<void> GlContext::inspect(const GlOptions& options) {
    renderer_ = gl_text(GL_RENDERER);
    vendor_ = gl_text(GL_VENDOR);
    version_ = gl_text(GL_VERSION);
    version_number_ = options.fault == GlFault::no_compute ? 33 : epoxy_gl_version();
    software_ = !options.pretend_card && is_software(renderer_);
    if (version_number_ < needed_gl_version)
        return fail("the OpenGL driver {} offers version {}.{}, computing needs 4.3", renderer_, version_number_ / 10,
                    version_number_ % 10);
    if (options.debug) {
        glEnable(GL_DEBUG_OUTPUT);
        glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
        glDebugMessageCallback(&on_message, &errors_);
    }
    return {};
}

}  // namespace convlens
