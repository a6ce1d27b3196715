/// An OpenGL context for computing, without a display if possible.
#pragma once

#include <memory>
#include <string>

#include "app/gpu/gl_options.h"
#include "engine/core/result.h"

struct GLFWwindow;

namespace convlens {

/// Errors that the driver reports to a debug context.
struct DriverErrors {
    int count = 0;
    std::string last;
};

/// The version that computing needs: 43 for OpenGL 4.3.
inline constexpr int needed_gl_version = 43;

/// A context of OpenGL 4.3 core or newer. Belongs to the thread that made it.
class GlContext {
  public:
    /// Tries EGL's surfaceless platform, each EGL device, and, on the main thread, a hidden window; on Windows a hidden
    /// window on any thread. Uses the first one that runs on a graphics card, otherwise the first one that supports
    /// compute shaders. The new context is current afterwards.
    static Expected<std::unique_ptr<GlContext>> make(const GlOptions& options);

    GlContext(const GlContext&) = delete;
    GlContext& operator=(const GlContext&) = delete;
    ~GlContext();

    /// Makes this context current unless it already is.
    void make_current() const;

    const std::string& renderer() const { return renderer_; }  ///< "llvmpipe (LLVM 15.0.6, 256 bits)"
    const std::string& vendor() const { return vendor_; }
    const std::string& version() const { return version_; }  ///< GL_VERSION: "4.5 (Core Profile) Mesa 22.3.6"
    int version_number() const { return version_number_; }   ///< For example 45.
    bool software() const { return software_; }              ///< Whether the driver computes on the CPU.
    const DriverErrors& errors() const {
        return errors_;
    }  ///< Errors reported by the driver; only a debug context
       ///< reports any.

  private:
    GlContext() = default;
    static Expected<std::unique_ptr<GlContext>> on_display(void* display, const GlOptions& options);
    static Expected<std::unique_ptr<GlContext>> in_window(const GlOptions& options);
    Expected<void> inspect(const GlOptions& options);

    void* display_ = nullptr;  ///< EGLDisplay; never terminated, because the whole process shares it. On Windows the
                               ///< HWND of the hidden window.
    void* context_ = nullptr;  ///< EGLContext, on Windows HGLRC.
    GLFWwindow* window_ = nullptr;  ///< Not used on Windows.
    std::string renderer_, vendor_, version_;
    int version_number_ = 0;
    bool software_ = false;
    DriverErrors errors_;
};

}  // namespace convlens
