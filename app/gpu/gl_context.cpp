/// Finds a driver that can compute.
#include "app/gpu/gl_context.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>
// after epoxy
#include <GLFW/glfw3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

namespace convlens {
namespace {

constexpr int needed_version = 43;

bool has_word(const char* words, std::string_view word) {
    std::string_view rest = words ? words : "";
    while (!rest.empty()) {
        const auto end = rest.find(' ');
        if (rest.substr(0, end) == word) return true;
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return false;
}

std::string gl_text(GLenum name) {
    const auto* text = reinterpret_cast<const char*>(glGetString(name));
    return text ? text : "";
}

bool is_software(const std::string& renderer) {
    for (const char* name : {"llvmpipe", "softpipe", "swrast", "SwiftShader", "Software Rasterizer"})
        if (renderer.find(name) != std::string::npos) return true;
    return false;
}

/// Returns all EGL displays, best first, except those of Mesa's software devices, which the surfaceless platform finds.
std::vector<EGLDisplay> displays() {
    std::vector<EGLDisplay> found;
    const char* client = eglQueryString(EGL_NO_DISPLAY, EGL_EXTENSIONS);
    if (!has_word(client, "EGL_EXT_platform_base")) return found;
    if (has_word(client, "EGL_MESA_platform_surfaceless"))
        found.push_back(eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, nullptr, nullptr));
    if (!has_word(client, "EGL_EXT_platform_device") ||
        !(has_word(client, "EGL_EXT_device_enumeration") || has_word(client, "EGL_EXT_device_base")))
        return found;
    std::array<EGLDeviceEXT, 32> devices{};
    EGLint count = 0;
    if (!eglQueryDevicesEXT(static_cast<EGLint>(devices.size()), devices.data(), &count)) return found;
    for (EGLint i = 0; i < count; ++i) {
        const EGLDeviceEXT device = devices[static_cast<std::size_t>(i)];
        if (has_word(eglQueryDeviceStringEXT(device, EGL_EXTENSIONS), "EGL_MESA_device_software")) continue;
        found.push_back(eglGetPlatformDisplayEXT(EGL_PLATFORM_DEVICE_EXT, device, nullptr));
    }
    return found;
}

EGLConfig config_of(EGLDisplay display) {
    const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (has_word(eglQueryString(display, EGL_EXTENSIONS), "EGL_KHR_no_config_context")) return EGL_NO_CONFIG_KHR;
    return eglChooseConfig(display, wanted, &config, 1, &count) && count > 0 ? config : EGL_NO_CONFIG_KHR;
}

/// A fast guess: whether the kernel lists a graphics card.
bool has_graphics_card() {
    std::error_code ignored;
    for (const char* device : {"/dev/nvidiactl", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0"})
        if (std::filesystem::exists(device, ignored)) return true;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/dri", ignored))
        if (entry.path().filename().string().starts_with("render")) return true;
    return false;
}

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

Expected<std::unique_ptr<GlContext>> GlContext::make(const GlOptions& options) {
    if (options.fault == GlFault::no_egl)
        return fail("OpenGL is not available: EGL has no driver (CONVLENS_GL_FAULT=no-egl)");
    if (options.refuse_software && !options.pretend_card && !has_graphics_card())
        return fail("there is no graphics card on this machine");
    std::unique_ptr<GlContext> software;
    std::string why = "libEGL.so.1 is missing";
    if (epoxy_has_egl()) {
        why = "it offers neither a surfaceless display nor a device";
        for (const EGLDisplay display : displays()) {
            auto context = on_display(display, options);
            if (!context) {
                why = context.error().message;
            } else if (!(*context)->software()) {
                return context;
            } else if (!software) {
                software = std::move(*context);
            }
        }
    }
    if (!software && getpid() == gettid()) {
        auto context = in_window(options);
        if (context && !(*context)->software()) return context;
        if (context) software = std::move(*context);
    }
    if (!software) return fail("OpenGL is not available: no EGL driver can be used ({})", why);
    if (options.refuse_software) return fail("the only OpenGL driver, {}, computes on the CPU", software->renderer());
    software->make_current();
    return software;
}

Expected<std::unique_ptr<GlContext>> GlContext::on_display(void* display, const GlOptions& options) {
    if (!display || !eglInitialize(display, nullptr, nullptr)) return fail("an EGL display can't be initialized");
    if (!has_word(eglQueryString(display, EGL_EXTENSIONS), "EGL_KHR_surfaceless_context"))
        return fail("an EGL display has no surfaceless contexts");
    if (!eglBindAPI(EGL_OPENGL_API)) return fail("EGL does not offer OpenGL");
    std::vector<EGLint> wanted{EGL_CONTEXT_MAJOR_VERSION,       needed_version / 10,
                               EGL_CONTEXT_MINOR_VERSION,       needed_version % 10,
                               EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT};
    if (options.debug) wanted.insert(wanted.end(), {EGL_CONTEXT_OPENGL_DEBUG, EGL_TRUE});
    std::vector<EGLint> robust = wanted;
    robust.insert(robust.end(), {EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET, EGL_NONE});
    wanted.push_back(EGL_NONE);
    std::unique_ptr<GlContext> context(new GlContext);
    context->display_ = display;
    for (const auto* attributes : {&robust, &wanted})
        if (!context->context_)
            context->context_ = eglCreateContext(display, config_of(display), EGL_NO_CONTEXT, attributes->data());
    if (!context->context_) return fail("EGL can't make an OpenGL 4.3 context (error {:#x})", eglGetError());
    if (!eglMakeCurrent(display, EGL_NO_SURFACE, EGL_NO_SURFACE, context->context_))
        return fail("EGL can't make its context current (error {:#x})", eglGetError());
    if (auto ok = context->inspect(options); !ok) return tl::unexpected(ok.error());
    return context;
}

Expected<std::unique_ptr<GlContext>> GlContext::in_window(const GlOptions& options) {
    if (!glfwInit()) return fail("there is no display for a window");
    std::unique_ptr<GlContext> context(new GlContext);
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_VISIBLE, GLFW_FALSE);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, needed_version / 10);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, needed_version % 10);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_DEBUG_CONTEXT, options.debug ? GLFW_TRUE : GLFW_FALSE);
    context->window_ = glfwCreateWindow(16, 16, "Convlens", nullptr, nullptr);
    glfwDefaultWindowHints();
    if (!context->window_) return fail("a window with OpenGL 4.3 can't be opened");
    glfwMakeContextCurrent(context->window_);
    if (auto ok = context->inspect(options); !ok) return tl::unexpected(ok.error());
    return context;
}

Expected<void> GlContext::inspect(const GlOptions& options) {
    renderer_ = gl_text(GL_RENDERER);
    vendor_ = gl_text(GL_VENDOR);
    version_ = gl_text(GL_VERSION);
    version_number_ = options.fault == GlFault::no_compute ? 33 : epoxy_gl_version();
    software_ = !options.pretend_card && is_software(renderer_);
    if (version_number_ < needed_version)
        return fail("the OpenGL driver {} offers version {}.{}, computing needs 4.3", renderer_, version_number_ / 10,
                    version_number_ % 10);
    if (options.debug) {
        glEnable(GL_DEBUG_OUTPUT);
        glEnable(GL_DEBUG_OUTPUT_SYNCHRONOUS);
        glDebugMessageCallback(&on_message, &errors_);
    }
    return {};
}

GlContext::~GlContext() {
    if (context_) {
        if (eglGetCurrentContext() == context_)
            eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
        eglDestroyContext(display_, context_);
    }
    if (window_) glfwDestroyWindow(window_);
}

void GlContext::make_current() const {
    if (window_) {
        if (glfwGetCurrentContext() != window_) glfwMakeContextCurrent(window_);
    } else if (eglGetCurrentContext() != context_) {
        eglMakeCurrent(display_, EGL_NO_SURFACE, EGL_NO_SURFACE, context_);
    }
}

}  // namespace convlens
