/// Opens the window with GLFW and connects Dear ImGui's backends.
#include "app/ui/screen.h"

#include "app/ui/gl.h"
// before GLFW, so that it does not include its own GL header
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>
#include <utility>

#include "app/ui/wake.h"
#include "app/ui/window.h"
#include "app/web/page.h"
#include "engine/core/numbers.h"

namespace convlens {

namespace {

/// Whether wake_window() was called since the last take_awake(). Used only in the browser.
std::atomic<bool> awake = false;

/// Returns the CSS name of a mouse cursor.
[[maybe_unused]] const char* css_cursor(ImGuiMouseCursor cursor) {
    switch (cursor) {
        case ImGuiMouseCursor_TextInput: return "text";
        case ImGuiMouseCursor_ResizeAll: return "move";
        case ImGuiMouseCursor_ResizeNS: return "ns-resize";
        case ImGuiMouseCursor_ResizeEW: return "ew-resize";
        case ImGuiMouseCursor_ResizeNESW: return "nesw-resize";
        case ImGuiMouseCursor_ResizeNWSE: return "nwse-resize";
        case ImGuiMouseCursor_Hand: return "pointer";
        case ImGuiMouseCursor_NotAllowed: return "not-allowed";
        case ImGuiMouseCursor_None: return "none";
        default: return "default";
    }
}

/// Returns the reason of GLFW's last error in parentheses, with a space before it; empty if there was none.
std::string reason() {
    const char* text = nullptr;
    return glfwGetError(&text) != GLFW_NO_ERROR && text ? fmt::format(" ({})", text) : std::string();
}

/// Sets the properties of the next window's context.
void hint_context() {
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    glfwWindowHint(GLFW_CONTEXT_ROBUSTNESS, GLFW_LOSE_CONTEXT_ON_RESET);
    glfwWindowHint(GLFW_AUTO_ICONIFY, GLFW_FALSE);  // full screen stays while the presenter's window has the focus
#ifdef __APPLE__
    glfwWindowHint(GLFW_OPENGL_FORWARD_COMPAT, GLFW_TRUE);  // macOS has only forward-compatible contexts of OpenGL 3.3
#endif
}

template <class T>
void append(std::vector<char>& bytes, const T* values, std::size_t count) {
    const auto* const first = reinterpret_cast<const char*>(values);
    bytes.insert(bytes.end(), first, first + count * sizeof(T));
}

/// Writes everything that the pixels of a frame depend on into `bytes`. Returns false if that is not known.
bool describe(const ImDrawData& data, std::uint64_t textures, bool light, ColorVision vision, int width, int height,
              std::vector<char>& bytes) {
    bytes.clear();
#ifdef IMGUI_HAS_TEXTURES
    return false;  // Dear ImGui 1.92 changes its textures by itself
#endif
    const std::array<std::uint64_t, 5> numbers{textures, light ? 1U : 0U, static_cast<std::uint64_t>(vision),
                                               static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height)};
    append(bytes, numbers.data(), numbers.size());
    const std::array<ImVec2, 3> sizes{data.DisplayPos, data.DisplaySize, data.FramebufferScale};
    append(bytes, sizes.data(), sizes.size());
    for (int i = 0; i < data.CmdListsCount; ++i) {
        const ImDrawList& list = *data.CmdLists[i];
        append(bytes, list.VtxBuffer.Data, static_cast<std::size_t>(list.VtxBuffer.Size));
        append(bytes, list.IdxBuffer.Data, static_cast<std::size_t>(list.IdxBuffer.Size));
        for (const ImDrawCmd& command : list.CmdBuffer) {
            if (command.UserCallback) return false;
            const ImTextureID texture = command.GetTexID();
            const std::array<unsigned, 3> places{command.VtxOffset, command.IdxOffset, command.ElemCount};
            append(bytes, &command.ClipRect, 1);
            append(bytes, &texture, 1);
            append(bytes, places.data(), places.size());
        }
    }
    return true;
}

}  // namespace

GLFWmonitor* display_of(GLFWwindow* window) {
    int left = 0, top = 0, width = 0, height = 0, count = 0;
    glfwGetWindowPos(window, &left, &top);
    glfwGetWindowSize(window, &width, &height);
    const int x = left + width / 2, y = top + height / 2;
    GLFWmonitor** displays = glfwGetMonitors(&count);
    for (int i = 0; i < count; ++i) {
        glfwGetMonitorPos(displays[i], &left, &top);
        const GLFWvidmode* mode = glfwGetVideoMode(displays[i]);
        if (mode && x >= left && x < left + mode->width && y >= top && y < top + mode->height) return displays[i];
    }
    return glfwGetPrimaryMonitor();
}

void wake_window() {
    if constexpr (in_browser)
        awake = true;
    else
        glfwPostEmptyEvent();
}

bool Screen::take_awake() { return awake.exchange(false); }

Expected<Screen> Screen::open(const WindowOptions& options) {
    if (!glfwInit())
        return fail("cannot open a window: no display is available{}; `convlens render` works without one", reason());
    hint_context();
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor ? glfwGetVideoMode(monitor) : nullptr;
    std::string_view rest = options.size;
    int width = parse_number<int>(cut(rest, 'x')).value_or(mode ? mode->width * 9 / 10 : 1280);
    int height = parse_number<int>(rest).value_or(mode ? mode->height * 9 / 10 : 720);
    if (options.fullscreen && mode) width = mode->width, height = mode->height;
    GLFWwindow* handle = glfwCreateWindow(std::clamp(width, 320, 16384), std::clamp(height, 240, 16384), "Convlens",
                                          options.fullscreen ? monitor : nullptr, nullptr);
    if (!handle) {
        const std::string why = reason();
        glfwTerminate();
        return fail("cannot open a window: OpenGL 3.3 is not available{}; `convlens render` works without it", why);
    }
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    ImGui::GetIO().MouseDoubleClickTime = 0.45F;
    return Screen(handle);
}

Screen::Screen(GLFWwindow* handle) : handle_(handle) { make_current(); }

Screen::Screen(Screen&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)), reset_status_(other.reset_status_), windowed_(other.windowed_) {}

void Screen::make_current() {
    glfwMakeContextCurrent(handle_);
    glfwSwapInterval(1);
    if constexpr (in_browser) return;
    reset_status_ = nullptr;
    for (const auto& [extension, function] : {std::pair{"GL_KHR_robustness", "glGetGraphicsResetStatus"},
                                              {"GL_ARB_robustness", "glGetGraphicsResetStatusARB"}})
        if (!reset_status_ && glfwExtensionSupported(extension) != 0)
            reset_status_ = reinterpret_cast<unsigned (*)()>(glfwGetProcAddress(function));
}

bool Screen::lost() const { return reset_status_ && reset_status_() != GL_NO_ERROR; }

Expected<void> Screen::renew() {
    int x = 0, y = 0, width = 0, height = 0;
    glfwGetWindowPos(handle_, &x, &y);
    glfwGetWindowSize(handle_, &width, &height);
    GLFWmonitor* const monitor = glfwGetWindowMonitor(handle_);
    const int closing = glfwWindowShouldClose(handle_);
    glfwDestroyWindow(std::exchange(handle_, nullptr));
    hint_context();
    constexpr int tries = 20;  // The driver may still be resetting the card.
    for (int i = 0; i < tries && !handle_; ++i) {
        if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(250));
        handle_ = glfwCreateWindow(width, height, "Convlens", monitor, nullptr);
    }
    if (!handle_) return fail("the graphics driver was reset, and no new window can be opened{}", reason());
    if (!monitor) glfwSetWindowPos(handle_, x, y);
    glfwSetWindowShouldClose(handle_, closing);
    make_current();
    filter_.forget();
    redraw();
    return {};
}

Screen::~Screen() {
    if (!handle_) return;
    ImGui::DestroyContext();
    glfwDestroyWindow(handle_);
    glfwTerminate();
}

float Screen::suggested_scale() const {
    float scale = 1;
    glfwGetWindowContentScale(handle_, &scale, nullptr);
    if (int height = 0; scale == 1) {  // a large display that reports no scale
        glfwGetWindowSize(handle_, nullptr, &height);
        scale = std::floor(static_cast<float>(height) / 1080 * 4) / 4;
    }
    return std::clamp(scale, 1.0F, 3.0F);
}

bool Screen::fullscreen() const {
    if constexpr (in_browser) return page::fullscreen();
    return glfwGetWindowMonitor(handle_) != nullptr;
}

void Screen::toggle_fullscreen() {
    redraw();
    if constexpr (in_browser) return page::set_fullscreen(!page::fullscreen());
    if (fullscreen()) {
        glfwSetWindowMonitor(handle_, nullptr, windowed_[0], windowed_[1], windowed_[2], windowed_[3], 0);
        return;
    }
    GLFWmonitor* monitor = display_of(handle_);
    const GLFWvidmode* mode = monitor ? glfwGetVideoMode(monitor) : nullptr;
    if (!mode) return;
    glfwGetWindowPos(handle_, &windowed_[0], &windowed_[1]);
    glfwGetWindowSize(handle_, &windowed_[2], &windowed_[3]);
    glfwSetWindowMonitor(handle_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
}

void Screen::begin_imgui() const {
    ImGui_ImplGlfw_InitForOpenGL(handle_, true);
    ImGui_ImplOpenGL3_Init(in_browser ? "#version 300 es" : "#version 330");
    if constexpr (in_browser) {
        page::scale_pointer();
        ImGui::GetIO().SetClipboardTextFn = [](void*, const char* text) { page::copy_text(text); };
        ImGui::GetIO().GetClipboardTextFn = [](void*) { return page::pasted_text().c_str(); };
    }
}

void Screen::end_imgui() {
    if (ImGui::GetIO().BackendRendererUserData) ImGui_ImplOpenGL3_Shutdown();
    if (ImGui::GetIO().BackendPlatformUserData) ImGui_ImplGlfw_Shutdown();
}

void Screen::begin_frame() const {
    resize_canvas();
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    ImGui::NewFrame();
}

void Screen::resize_canvas() const {
    if constexpr (in_browser) {
        // The canvas fills the page and has one pixel for each pixel of the display.
        int width = 0, height = 0;
        glfwGetWindowSize(handle_, &width, &height);
        const auto [w, h] = page::canvas_size();
        if (w != width || h != height) glfwSetWindowSize(handle_, w, h);
    }
}

void Screen::show(bool light, ColorVision vision, std::uint64_t textures) {
    ImGui::Render();
    if constexpr (in_browser) {
        page::set_cursor(css_cursor(ImGui::GetMouseCursor()));
        page::show_keyboard(ImGui::GetIO().WantTextInput);
    }
    int width = 0, height = 0;
    glfwGetFramebufferSize(handle_, &width, &height);
    const bool known = !in_browser && describe(*ImGui::GetDrawData(), textures, light, vision, width, height, next_);
    using Clock = std::chrono::steady_clock;
    if (known && next_ == shown_) {
        // Without drawing, nothing else makes a mouse of 1000 events a second wait.
        std::this_thread::sleep_until(frame_ + std::chrono::milliseconds(8));
        frame_ = Clock::now();
        return;
    }
    frame_ = Clock::now();
    std::swap(shown_, next_);
    if (!known) shown_.clear();
    ++drawn_;
    glViewport(0, 0, width, height);
    const float gray = light ? 0.93F : 0.09F;
    glClearColor(gray, gray, gray, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    shows_vision_ = filter_.apply(vision, width, height);
    glfwSwapBuffers(handle_);
}

}  // namespace convlens
