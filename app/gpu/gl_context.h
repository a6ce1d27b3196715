/// An OpenGL context for computing, without a display if possible.
#pragma once

#include <memory>
#include <string>

#include "app/gpu/gl_options.h"
#include "engine/core/result.h"

struct GLFWwindow;

namespace convlens {

/// Errors that the driver has reported; only a debug context reports any.
struct DriverErrors {
    int count = 0;
    std::string last;  ///< Message of the last error.
};

/// The OpenGL version that compute shaders need: 43 means 4.3.
inline constexpr int needed_gl_version = 43;

/// A context of OpenGL 4.3 core or newer. Belongs to the thread that made it.
class GlContext {
  public:
    /// Makes a context and makes it current. On Linux tries EGL's surfaceless platform, each EGL device and, on the
    /// main thread, a hidden window; on Windows a hidden window on any thread; on macOS a hidden window on the main
    /// thread. Uses the first one that runs on a graphics card. If there is none, uses the first one that supports
    /// compute shaders, or fails if options.refuse_software is set.
    static Expected<std::unique_ptr<GlContext>> make(const GlOptions& options);

    GlContext(const GlContext&) = delete;
    GlContext& operator=(const GlContext&) = delete;
    ~GlContext();

    /// Makes this context current on the calling thread unless it already is.
    void make_current() const;

    const std::string& renderer() const { return renderer_; }  ///< GL_RENDERER: "llvmpipe (LLVM 15.0.6, 256 bits)"
    const std::string& vendor() const { return vendor_; }      ///< GL_VENDOR
    const std::string& version() const { return version_; }    ///< GL_VERSION: "4.5 (Core Profile) Mesa 22.3.6"
    int version_number() const { return version_number_; }     ///< 45 for OpenGL 4.5.
    bool software() const { return software_; }                ///< Whether the driver computes on the CPU.
    /// Returns the errors that the driver has reported since the context was made.
    const DriverErrors& errors() const { return errors_; }

  private:
    GlContext() = default;
    static Expected<std::unique_ptr<GlContext>> on_display(void* display, const GlOptions& options);
    static Expected<std::unique_ptr<GlContext>> in_window(const GlOptions& options);
    Expected<void> inspect(const GlOptions& options);

    /// EGLDisplay; never terminated, because the whole process shares it. On Windows the HWND of the hidden window.
    void* display_ = nullptr;
    void* context_ = nullptr;       ///< EGLContext, on Windows HGLRC.
    GLFWwindow* window_ = nullptr;  ///< The hidden window; null with EGL and on Windows.
    std::string renderer_, vendor_, version_;
    int version_number_ = 0;
    bool software_ = false;
    DriverErrors errors_;
};

}  // namespace convlens
