/// Finds a driver that supports compute shaders: EGL without a display, or a hidden window.
#ifndef __APPLE__
#include <epoxy/egl.h>
#endif
#include <epoxy/gl.h>
// after epoxy
#include <GLFW/glfw3.h>
#ifdef __APPLE__
#include <pthread.h>
#else
#include <unistd.h>
#endif

#include <array>
#include <filesystem>
#include <string_view>
#include <vector>

#include "app/gpu/gl_context.h"

namespace convlens {
namespace {

bool on_main_thread() {
#ifdef __APPLE__
    return ::pthread_main_np() != 0;
#else
    return ::getpid() == ::gettid();
#endif
}

#ifndef __APPLE__
/// Returns true if `words`, which are separated by spaces, contain `word`; `words` may be null.
bool has_word(const char* words, std::string_view word) {
    std::string_view rest = words ? words : "";
    while (!rest.empty()) {
        const auto end = rest.find(' ');
        if (rest.substr(0, end) == word) return true;
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    return false;
}

/// Returns the EGL displays to try, in this order: the surfaceless platform, then all EGL devices except Mesa's
/// software devices, which the surfaceless platform already offers.
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

/// Returns a configuration for a context without a surface.
EGLConfig config_of(EGLDisplay display) {
    const EGLint wanted[] = {EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_SURFACE_TYPE, 0, EGL_NONE};
    EGLConfig config = nullptr;
    EGLint count = 0;
    if (has_word(eglQueryString(display, EGL_EXTENSIONS), "EGL_KHR_no_config_context")) return EGL_NO_CONFIG_KHR;
    return eglChooseConfig(display, wanted, &config, 1, &count) && count > 0 ? config : EGL_NO_CONFIG_KHR;
}

/// Returns true if the kernel lists a graphics card. This is a fast guess: no driver is loaded.
bool has_graphics_card() {
    std::error_code ignored;
    for (const char* device : {"/dev/nvidiactl", "/dev/dxg", "/dev/mali0", "/dev/kgsl-3d0"})
        if (std::filesystem::exists(device, ignored)) return true;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/dri", ignored))
        if (entry.path().filename().string().starts_with("render")) return true;
    return false;
}
#endif

}  // namespace

Expected<std::unique_ptr<GlContext>> GlContext::in_window(const GlOptions& options) {
    if (!glfwInit()) return fail("there is no display for a window");
    std::unique_ptr<GlContext> context(new GlContext);
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_VISIBLE, GLFW_FALSE);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, needed_gl_version / 10);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, needed_gl_version % 10);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_OPENGL_DEBUG_CONTEXT, options.debug ? GLFW_TRUE : GLFW_FALSE);
    context->window_ = glfwCreateWindow(16, 16, "Convlens", nullptr, nullptr);
    glfwDefaultWindowHints();
    if (!context->window_) return fail("a window with OpenGL 4.3 can't be opened");
    glfwMakeContextCurrent(context->window_);
    if (auto ok = context->inspect(options); !ok) return tl::unexpected(ok.error());
    return context;
}

#ifdef __APPLE__

Expected<std::unique_ptr<GlContext>> GlContext::make(const GlOptions& options) {
    if (options.fault == GlFault::no_egl || !on_main_thread())
        return fail("OpenGL is not available: on macOS it works only in the main thread");
    auto context = in_window(options);
    if (context && (*context)->software() && options.refuse_software)
        return fail("the only OpenGL driver, {}, computes on the CPU", (*context)->renderer());
    return context;
}

GlContext::~GlContext() {
    if (window_) glfwDestroyWindow(window_);
}

void GlContext::make_current() const {
    if (glfwGetCurrentContext() != window_) glfwMakeContextCurrent(window_);
}

#else

Expected<std::unique_ptr<GlContext>> GlContext::make(const GlOptions& options) {
    if (options.fault == GlFault::no_egl)
        return fail("OpenGL is not available: EGL has no driver (CONVLENS_GL_FAULT=no-egl)");
    if (options.refuse_software && !options.pretend_card && !has_graphics_card())
        return fail("there is no graphics card on this machine");
    std::unique_ptr<GlContext> software;
    std::string why = "libEGL.so.1 is missing";
    if (epoxy_has_egl()) {
        why = "EGL offers neither a surfaceless display nor a device";
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
    if (!software && on_main_thread()) {
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
    std::vector<EGLint> wanted{EGL_CONTEXT_MAJOR_VERSION,       needed_gl_version / 10,
                               EGL_CONTEXT_MINOR_VERSION,       needed_gl_version % 10,
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

#endif

}  // namespace convlens
