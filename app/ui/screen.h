/// The window of the operating system, by GLFW, with an OpenGL context and Dear ImGui.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "app/ui/color_vision.h"
#include "engine/core/result.h"

struct GLFWmonitor;
struct GLFWwindow;

namespace convlens {

struct WindowOptions;

/// Returns the display on which the middle of a window is; the primary one if it is on none, null if there is none.
GLFWmonitor* display_of(GLFWwindow* window);

/// An open window. Its OpenGL context is current. The destructor closes the window. Only one Screen may exist at a
/// time, on the main thread.
class Screen {
  public:
    /// Opens the window and creates the context of Dear ImGui. Fails if there is no display or no OpenGL 3.3.
    static Expected<Screen> open(const WindowOptions& options);

    Screen(Screen&& other) noexcept;
    Screen& operator=(Screen&&) = delete;
    ~Screen();

    /// Returns GLFW's window; renew() replaces it.
    GLFWwindow* handle() const { return handle_; }

    /// Returns the suggested UI scale, 1..3: the scale factor of the display or, if that is 1, the window's height
    /// divided by 1080, rounded down to a multiple of 1/4.
    float suggested_scale() const;

    /// Returns true if the window is in full screen.
    bool fullscreen() const;
    /// Enters full screen on the display that the window is on, or restores the window's previous position and size.
    void toggle_fullscreen();

    /// Returns true if the graphics driver was reset and has lost everything in the OpenGL context, which draws nothing
    /// from then on (glGetGraphicsResetStatus of GL_KHR_robustness). Always false where the driver can't tell.
    bool lost() const;
    /// Replaces a lost window and its context by new ones of the same size and position. Dear ImGui must be
    /// disconnected; GLFW callbacks must be set again. Fails if the driver makes no context.
    Expected<void> renew();

    /// Connects Dear ImGui with the window. GLFW callbacks that were set before are called, too.
    void begin_imgui() const;
    /// Disconnects Dear ImGui from the window if it is connected.
    static void end_imgui();

    /// Returns whether wake_window() was called since the last call. Used in the browser, where the main loop can't
    /// wait for events.
    static bool take_awake();

    /// Begins a frame of Dear ImGui with the input events since the last one. In the browser, first adapts the canvas
    /// to the size of the page.
    void begin_frame() const;

    /// Draws what Dear ImGui has recorded, over a plain background, in the colors of `vision`, and shows the frame;
    /// unless the window already shows the same, because drawing takes most of the time of a frame where there is no
    /// graphics card. `textures` stands for the contents of all textures: it is different when they are.
    void show(bool light, ColorVision vision, std::uint64_t textures);
    /// Returns false if the driver could not show the last frame in the colors of its ColorVision.
    bool shows_vision() const { return shows_vision_; }
    /// Lets the next show() draw in any case, because the contents of the window are lost.
    void redraw() { shown_.clear(); }
    /// Returns how many frames show() has drawn.
    std::uint64_t drawn() const { return drawn_; }

  private:
    void resize_canvas() const;
    explicit Screen(GLFWwindow* handle);
    void make_current();

    GLFWwindow* handle_;
    unsigned (*reset_status_)() = nullptr;              ///< glGetGraphicsResetStatus; null if the driver lacks it.
    std::array<int, 4> windowed_{100, 100, 1280, 720};  ///< x, y, width and height to restore after full screen.
    std::vector<char> shown_, next_;                    ///< All data of the frame on screen and of the next one.
    std::uint64_t drawn_ = 0;
    ColorFilter filter_;
    bool shows_vision_ = true;
    std::chrono::steady_clock::time_point frame_;  ///< When show() was called last.
};

}  // namespace convlens
