/// The window itself: a GLFW window with an OpenGL context and Dear ImGui.
#pragma once

#include <array>
#include <string>

#include "engine/core/result.h"

struct GLFWwindow;

namespace convlens {

struct WindowOptions;

/// Opens the window and makes its context current; closes it in the end. One at a time, on the main thread.
class Screen {
  public:
    /// Fails in a sentence when there is no display or no OpenGL 3.3.
    static Expected<Screen> open(const WindowOptions& options);

    Screen(Screen&& other) noexcept;
    Screen& operator=(Screen&&) = delete;
    ~Screen();

    GLFWwindow* handle() const { return handle_; }

    /// How large text and controls are to be, 1 to 3: what the desktop says, or larger where the window is high.
    float suggested_scale() const;

    bool fullscreen() const;
    void toggle_fullscreen();

    /// Begins a frame of OpenGL, GLFW and Dear ImGui.
    void begin_frame() const;

    /// Draws what Dear ImGui has and shows it, over a plain ground.
    void show(bool light) const;

  private:
    explicit Screen(GLFWwindow* handle) : handle_(handle) {}

    GLFWwindow* handle_;
    std::array<int, 4> windowed_{100, 100, 1280, 720};  ///< x, y, width, height to come back to from the full screen.
};

}  // namespace convlens
