/// A GLFW window with an OpenGL context and Dear ImGui.
#pragma once

#include <array>
#include <string>

#include "engine/core/result.h"

struct GLFWwindow;

namespace convlens {

struct WindowOptions;

/// Opens the window and makes its OpenGL context current; the destructor closes the window. Only one Screen may exist
/// at a time, on the main thread.
class Screen {
  public:
    /// Opens the window. Fails if there is no display or no OpenGL 3.3.
    static Expected<Screen> open(const WindowOptions& options);

    Screen(Screen&& other) noexcept;
    Screen& operator=(Screen&&) = delete;
    ~Screen();

    GLFWwindow* handle() const { return handle_; }

    /// Returns the suggested UI scale, 1 to 3 inclusive: the desktop's scale, or more for a tall window.
    float suggested_scale() const;

    bool fullscreen() const;
    void toggle_fullscreen();

    /// Connects Dear ImGui with the window. GLFW callbacks that were set before are called first.
    void begin_imgui() const;
    static void end_imgui();

    /// Returns true once after each wake_window(). For the browser, where events end no waiting.
    static bool take_awake();

    /// Begins a frame of OpenGL, GLFW and Dear ImGui.
    void begin_frame() const;

    /// Draws Dear ImGui's draw data over a plain background and shows the frame.
    void show(bool light) const;

  private:
    void resize_canvas() const;
    explicit Screen(GLFWwindow* handle) : handle_(handle) {}

    GLFWwindow* handle_;
    std::array<int, 4> windowed_{100, 100, 1280, 720};  ///< x, y, width and height to restore after full screen.
};

}  // namespace convlens
