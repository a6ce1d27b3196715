/// Makes a context for computing with WGL, in a hidden window that belongs to the calling thread.
#include <epoxy/gl.h>
// before windows.h: epoxy replaces <GL/gl.h>
#include <windows.h>

#include "app/gpu/gl_context.h"

namespace convlens {
namespace {

using CreateContextAttribs = HGLRC(WINAPI*)(HDC, HGLRC, const int*);

// From WGL_ARB_create_context, WGL_ARB_create_context_profile and WGL_ARB_create_context_robustness.
constexpr int major_version = 0x2091, minor_version = 0x2092, context_flags = 0x2094, profile_mask = 0x9126;
constexpr int core_profile = 1, debug_flag = 1, robust_flag = 4;
constexpr int reset_strategy = 0x8256, lose_context_on_reset = 0x8252;

/// Makes a hidden window with a pixel format that supports OpenGL. Returns null on failure.
HWND hidden_window(HWND parent) {
    WNDCLASSW type{};
    type.style = CS_OWNDC;  // GetDC() returns the same one every time
    type.lpfnWndProc = ::DefWindowProcW;
    type.hInstance = ::GetModuleHandleW(nullptr);
    type.lpszClassName = L"ConvlensCompute";
    ::RegisterClassW(&type);  // fails if it is registered already
    HWND window = ::CreateWindowExW(0, type.lpszClassName, L"Convlens", WS_POPUP, 0, 0, 16, 16, parent, nullptr,
                                    type.hInstance, nullptr);
    if (!window) return nullptr;
    PIXELFORMATDESCRIPTOR wanted{};
    wanted.nSize = sizeof wanted;
    wanted.nVersion = 1;
    wanted.dwFlags = PFD_DRAW_TO_WINDOW | PFD_SUPPORT_OPENGL | PFD_DOUBLEBUFFER;
    wanted.iPixelType = PFD_TYPE_RGBA;
    wanted.cColorBits = 32;
    const HDC device = ::GetDC(window);
    const int format = ::ChoosePixelFormat(device, &wanted);
    if (format != 0 && ::SetPixelFormat(device, format, &wanted)) return window;
    ::DestroyWindow(window);
    return nullptr;
}

/// Makes a core context with the extension WGL_ARB_create_context. Finding the extension needs a plain context, which
/// is made first and deleted. Returns null on failure.
HGLRC core_context(HDC device, bool debug) {
    const HGLRC plain = ::wglCreateContext(device);
    if (!plain) return nullptr;
    HGLRC context = nullptr;
    if (::wglMakeCurrent(device, plain)) {
        const PROC found = ::wglGetProcAddress("wglCreateContextAttribsARB");
        const auto create = reinterpret_cast<CreateContextAttribs>(reinterpret_cast<void*>(found));
        const int flags = debug ? debug_flag : 0;
        const int robust[] = {major_version,
                              needed_gl_version / 10,
                              minor_version,
                              needed_gl_version % 10,
                              profile_mask,
                              core_profile,
                              context_flags,
                              flags | robust_flag,
                              reset_strategy,
                              lose_context_on_reset,
                              0};
        const int wanted[] = {major_version,
                              needed_gl_version / 10,
                              minor_version,
                              needed_gl_version % 10,
                              profile_mask,
                              core_profile,
                              context_flags,
                              flags,
                              0};
        for (const int* attributes : {robust, wanted})
            if (create && !context) context = create(device, nullptr, attributes);
        ::wglMakeCurrent(nullptr, nullptr);
    }
    ::wglDeleteContext(plain);
    return context;
}

}  // namespace

Expected<std::unique_ptr<GlContext>> GlContext::make(const GlOptions& options) {
    if (options.fault == GlFault::no_egl)
        return fail("OpenGL is not available: EGL has no driver (CONVLENS_GL_FAULT=no-egl)");
    auto context = in_window(options);
    if (!context) return fail("OpenGL is not available: {}", context.error().message);
    if (options.refuse_software && (*context)->software())
        return fail("the only OpenGL driver, {}, computes on the CPU", (*context)->renderer());
    return context;
}

Expected<std::unique_ptr<GlContext>> GlContext::in_window(const GlOptions& options) {
    std::unique_ptr<GlContext> context(new GlContext);
    // A message-only window gets no broadcast messages. Their senders would wait while this thread computes.
    HWND window = hidden_window(HWND_MESSAGE);
    if (!window) window = hidden_window(nullptr);
    if (!window) return fail("no window with OpenGL can be opened");
    context->display_ = window;
    context->context_ = core_context(::GetDC(window), options.debug);
    if (!context->context_) return fail("the driver can't make an OpenGL 4.3 context");
    context->make_current();
    if (auto ok = context->inspect(options); !ok) return tl::unexpected(ok.error());
    return context;
}

GlContext::~GlContext() {
    const auto context = static_cast<HGLRC>(context_);
    if (context) {
        if (::wglGetCurrentContext() == context) ::wglMakeCurrent(nullptr, nullptr);
        ::wglDeleteContext(context);
    }
    if (display_) ::DestroyWindow(static_cast<HWND>(display_));
}

void GlContext::make_current() const {
    const auto context = static_cast<HGLRC>(context_);
    if (::wglGetCurrentContext() != context) ::wglMakeCurrent(::GetDC(static_cast<HWND>(display_)), context);
}

}  // namespace convlens
