/// The presenter's window: the grid, the next scene, notes, a clock and buttons, on another display.
#include "app/ui/gl.h"
// before GLFW, so that it does not include its own GL header
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <deque>
#include <utility>

#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/screen.h"
#include "app/ui/tool.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/tools/lecture/preview.h"
#include "app/ui/widgets/imgui_compat.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "engine/core/printable.h"
#include "engine/core/sentence.h"
#include "engine/explain/live_values.h"
#include "engine/view/rich_text.h"

namespace convlens {

extern const Tool presenter_tool;  // the table of tools, app/ui/tools.cpp, has the other declaration

#ifdef __EMSCRIPTEN__

const Tool presenter_tool{.id = "presenter"};  // a page has one canvas

#else

namespace {

/// An event of the window, for Dear ImGui's context of the window.
struct Press {
    int button = 0;
    bool down = false;
    double x = 0, y = 0;
};

/// State of the tool. The window has a context of OpenGL that shares textures with the first window, and a context of
/// Dear ImGui.
struct Presenter {
    GLFWwindow* window = nullptr;
    GLFWwindow* first = nullptr;  ///< The window that the audience sees.
    int number = 0;               ///< Its TextureCache::contexts().
    ImGuiContext* context = nullptr;
    std::deque<Press> presses;
    std::vector<int> keys;  ///< GLFW's numbers of the keys that were pressed.
    float wheel = 0;
    double begun = 0;  ///< When the clock was started, in seconds of GLFW.
    float applied_scale = 0;
    bool applied_light = false;
};

Presenter& of(GLFWwindow* window) { return *static_cast<Presenter*>(glfwGetWindowUserPointer(window)); }

/// Makes the window and its contexts current while it exists.
class Current {
  public:
    explicit Current(const Presenter& p) : window_(glfwGetCurrentContext()), context_(ImGui::GetCurrentContext()) {
        glfwMakeContextCurrent(p.window);
        ImGui::SetCurrentContext(p.context);
    }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;
    ~Current() {
        ImGui::SetCurrentContext(context_);
        glfwMakeContextCurrent(window_);
    }

  private:
    GLFWwindow* window_;
    ImGuiContext* context_;
};

/// Returns the work area of a display on which the window of the audience is not; nullopt if there is none.
std::optional<Area> other_display(GLFWwindow* first) {
    int count = 0;
    GLFWmonitor** displays = glfwGetMonitors(&count);
    for (int i = 0; i < count; ++i) {
        int x = 0, y = 0, w = 0, h = 0;
        glfwGetMonitorWorkarea(displays[i], &x, &y, &w, &h);
        if (displays[i] != display_of(first) && w > 0 && h > 0)
            return Area{static_cast<float>(x), static_cast<float>(y), static_cast<float>(w), static_cast<float>(h)};
    }
    return std::nullopt;
}

void close(Presenter& p) {
    if (!p.window) return;
    {
        const Current current(p);
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }
    ImGui::DestroyContext(std::exchange(p.context, nullptr));
    glfwDestroyWindow(std::exchange(p.window, nullptr));
    p.presses.clear();
    p.keys.clear();
    p.applied_scale = 0;
}

void open(Frame& f, Presenter& p) {
    p.first = glfwGetCurrentContext();
    p.number = f.textures.contexts();
    const auto display = other_display(p.first);
    glfwWindowHint(GLFW_FOCUSED, GLFW_FALSE);
    const int width = display ? static_cast<int>(display->w * 0.9F) : 960,
              height = display ? static_cast<int>(display->h * 0.85F) : 600;
    p.window = glfwCreateWindow(width, height, "Convlens: presenter", nullptr, p.first);
    glfwWindowHint(GLFW_FOCUSED, GLFW_TRUE);
    if (!p.window) {
        f.requests.error = sentence("the presenter's window can't be opened: OpenGL makes no second context");
        return;
    }
    if (display)
        glfwSetWindowPos(p.window, static_cast<int>(display->x + display->w * 0.05F),
                         static_cast<int>(display->y + display->h * 0.08F));
    p.begun = glfwGetTime();
    glfwSetWindowUserPointer(p.window, &p);
    glfwSetMouseButtonCallback(p.window, [](GLFWwindow* w, int button, int action, int) {
        Press press{button, action == GLFW_PRESS};
        glfwGetCursorPos(w, &press.x, &press.y);
        if (button >= 0 && button < ImGuiMouseButton_COUNT) of(w).presses.push_back(press);
    });
    glfwSetScrollCallback(p.window, [](GLFWwindow* w, double, double y) { of(w).wheel += static_cast<float>(y); });
    glfwSetKeyCallback(p.window, [](GLFWwindow* w, int key, int, int action, int) {
        if (action != GLFW_RELEASE) of(w).keys.push_back(key);
    });
    ImGuiContext* const first = ImGui::GetCurrentContext();
    p.context = ImGui::CreateContext();
    ImGui::SetCurrentContext(first);  // CreateContext() has made the new one current, if there was none
    const Current current(p);
    glfwSwapInterval(0);  // one window waits for the display, not both
    ImGui::GetIO().IniFilename = nullptr;
    ImGui_ImplGlfw_InitForOpenGL(p.window, false);
    ImGui_ImplOpenGL3_Init("#version 330");
}

/// Gives the events since the last frame to Dear ImGui.
void feed(Presenter& p) {
    ImGuiIO& io = ImGui::GetIO();
    double x = 0, y = 0;
    glfwGetCursorPos(p.window, &x, &y);
#if IMGUI_VERSION_NUM >= 18700
    const bool inside = glfwGetWindowAttrib(p.window, GLFW_HOVERED) != 0;
    if (inside && p.presses.empty()) io.AddMousePosEvent(static_cast<float>(x), static_cast<float>(y));
    for (const Press& press : std::exchange(p.presses, {})) {
        io.AddMousePosEvent(static_cast<float>(press.x), static_cast<float>(press.y));
        io.AddMouseButtonEvent(press.button, press.down);
    }
    if (p.wheel != 0) io.AddMouseWheelEvent(0, std::exchange(p.wheel, 0.0F));
#else
    io.MousePos = {static_cast<float>(x), static_cast<float>(y)};
    for (const Press& press : std::exchange(p.presses, {})) io.MouseDown[press.button] = press.down;
    io.MouseWheel = std::exchange(p.wheel, 0.0F);
#endif
}

std::string clock_text(double seconds) {
    const auto all = static_cast<int>(std::clamp(seconds, 0.0, 359999.0));
    return fmt::format("{}:{:02}:{:02}", all / 3600, all / 60 % 60, all % 60);
}

std::string time_of_day() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    const std::tm* local = std::localtime(&now);
    return local ? fmt::format("{:02}:{:02}", local->tm_hour, local->tm_min) : std::string();
}

/// Draws a picture as large as fits into a width and a height. Without one, leaves its place empty.
void picture(unsigned texture, float width, float height, ImVec2 size) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    ImDrawList& draw = *ImGui::GetWindowDrawList();
    draw.AddRectFilled(at, {at.x + size.x, at.y + size.y}, ImGui::GetColorU32(ImGuiCol_FrameBg));
    if (texture != 0 && width > 0 && height > 0) {
        const float scale = std::min(size.x / width, size.y / height);
        const ImVec2 from{at.x + (size.x - width * scale) / 2, at.y + (size.y - height * scale) / 2};
        draw.AddImage(texture_id(texture), from, {from.x + width * scale, from.y + height * scale});
    }
    ImGui::Dummy(size);
}

/// What is drawn; the textures were made before, in the context of the first window.
struct Shown {
    unsigned now = 0, next = 0;
    Size2 now_size, next_size;
    std::string title, text, next_title, notes, place;
    bool has_back = false, has_next = false;
};

Shown shown_now(Frame& f) {
    const auto& v = f.states.of<LectureView>();
    Shown s;
    if (f.shown && f.shown->picture) {
        s.now = f.textures.of(f.shown->picture);
        s.now_size = {f.shown->picture->height, f.shown->picture->width};
    }
    const Scene* scene = current_scene(v);
    if (!scene) return s;
    const auto count = static_cast<int>(v.lecture->scenes.size()), places = static_cast<int>(places_of(*scene).size());
    s.place = tr_format("scene {} of {}", v.scene + 1, count);
    if (places > 1) s.place += tr_format(", {} of {}", v.place + 1, places);
    s.title = plain_text(scene->title);
    s.text = plain_text(with_live_values(scene->text_after(current_place(v).steps), nullptr));
    s.notes = plain_text(scene->notes);
    s.has_back = v.scene > 0 || v.place > 0;
    s.has_next = v.scene + 1 < count || v.place + 1 < places;
    std::string step;
    if (v.place + 1 < places) {
        const ScenePlace next = places_of(*scene)[static_cast<std::size_t>(v.place) + 1];
        step = tr(next.asked ? "a question, then: " : next.answered ? "its answer, then: " : "a step, then: ");
    }
    if (v.scene + 1 < count) {
        const auto index = static_cast<std::size_t>(v.scene) + 1;
        s.next_title = step + plain_text(v.lecture->scenes[index].title);
        if (const auto image = preview_of(f, index)) {
            s.next = f.textures.of(image);
            s.next_size = {image->height, image->width};
        }
    } else {
        s.next_title = step + tr("the end");
    }
    return s;
}

/// What the lecturer has asked for.
enum class Wish { nothing, back, next, restart_clock, close };

Wish wish_of_keys(Presenter& p) {
    Wish wish = Wish::nothing;
    for (const int key : std::exchange(p.keys, {})) {
        if (key == GLFW_KEY_PAGE_DOWN || key == GLFW_KEY_RIGHT || key == GLFW_KEY_SPACE) wish = Wish::next;
        if (key == GLFW_KEY_PAGE_UP || key == GLFW_KEY_LEFT) wish = Wish::back;
        if (key == GLFW_KEY_F9 || key == GLFW_KEY_ESCAPE) wish = Wish::close;
    }
    return wish;
}

Wish draw_contents(const Presenter& p, const Shown& s) {
    Wish wish = Wish::nothing;
    const ImVec2 size = ImGui::GetIO().DisplaySize;
    ImGui::SetNextWindowPos({0, 0});
    ImGui::SetNextWindowSize(size);
    ImGui::Begin("presenter", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings);
    const float em = ImGui::GetFontSize(), room = ImGui::GetContentRegionAvail().x;
    ImGui::PushFont(font(Type::title));
    ImGui::TextUnformatted(clock_text(glfwGetTime() - p.begun).c_str());
    ImGui::PopFont();
    ImGui::SameLine(0, em);
    if (ImGui::SmallButton(tr_label("from 0").c_str())) wish = Wish::restart_clock;
    ImGui::SameLine(0, em);
    ImGui::TextDisabled("%s", fmt::format("{}   {}", time_of_day(), s.place).c_str());
    const auto wide = [&](const char* title) { return std::max(em * 4, button_width(title)); };
    const float gaps = 2 * ImGui::GetStyle().ItemSpacing.x + em;
    ImGui::SameLine(std::max(room - wide("Back") - wide("Next") - wide("Close") - gaps, em * 20));
    ImGui::BeginDisabled(!s.has_back);
    if (ImGui::Button(tr_label("Back").c_str(), {wide("Back"), 0})) wish = Wish::back;
    ImGui::EndDisabled();
    ImGui::SameLine();
    ImGui::BeginDisabled(!s.has_next);
    if (ImGui::Button(tr_label("Next").c_str(), {wide("Next"), 0})) wish = Wish::next;
    ImGui::EndDisabled();
    ImGui::SameLine();
    if (ImGui::Button(tr_label("Close").c_str(), {wide("Close"), 0})) wish = Wish::close;
    ImGui::Separator();
    const float height = (size.y - ImGui::GetCursorPosY()) * 0.5F, left = room * 0.58F, right = room - left - em;
    ImGui::BeginGroup();
    ImGui::TextDisabled("%s", tr("Now: the grid"));
    picture(s.now, static_cast<float>(s.now_size.w), static_cast<float>(s.now_size.h), {left, height});
    ImGui::EndGroup();
    ImGui::SameLine(0, em);
    ImGui::BeginGroup();
    ImGui::TextDisabled("%s",
                        (s.next_title.empty() ? std::string(tr("Next")) : tr_format("Next: {}", s.next_title)).c_str());
    picture(s.next, static_cast<float>(s.next_size.w), static_cast<float>(s.next_size.h), {right, height * 0.62F});
    ImGui::PushTextWrapPos(ImGui::GetCursorPosX() + right);
    ImGui::TextUnformatted(s.title.c_str());
    ImGui::PushStyleColor(ImGuiCol_Text, ImGui::GetStyleColorVec4(ImGuiCol_TextDisabled));
    ImGui::TextUnformatted(std::string(cut_text(s.text, 400)).c_str());
    ImGui::PopStyleColor();
    ImGui::PopTextWrapPos();
    ImGui::EndGroup();
    ImGui::BeginChild("notes", {0, 0}, true);
    ImGui::PushFont(font(Type::title));
    ImGui::PushTextWrapPos();
    ImGui::TextUnformatted(s.notes.empty() ? tr("This scene has no notes.") : s.notes.c_str());
    ImGui::PopTextWrapPos();
    ImGui::PopFont();
    ImGui::EndChild();
    ImGui::End();
    return wish;
}

/// Draws a frame of the window.
Wish draw(Presenter& p, const Shown& s, bool light, float scale) {
    const Current current(p);
    const auto pressed = wish_of_keys(p);
    if (p.applied_scale != scale || p.applied_light != light) {
        ImGui_ImplOpenGL3_NewFrame();  // makes the objects that apply_theme() replaces
        apply_theme(light, scale);
        p.applied_scale = scale, p.applied_light = light;
    }
    ImGui_ImplOpenGL3_NewFrame();
    ImGui_ImplGlfw_NewFrame();
    feed(p);
    ImGui::NewFrame();
    const Wish clicked = draw_contents(p, s);
    ImGui::Render();
    int width = 0, height = 0;
    glfwGetFramebufferSize(p.window, &width, &height);
    glViewport(0, 0, width, height);
    glClearColor(0, 0, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(p.window);
    return clicked != Wish::nothing ? clicked : pressed;
}

void over(Frame& f) {
    auto& p = f.states.of<Presenter>();
    if (!p.window) return;
    // After the graphics driver was reset, the first window is another one.
    if (glfwWindowShouldClose(p.window) != 0 || f.textures.contexts() != p.number) return close(p);
    const bool event = !p.presses.empty() || !p.keys.empty() || p.wheel != 0;
    const Wish wish = draw(p, shown_now(f), f.view.light, f.view.ui_scale);
    switch (wish) {
        case Wish::nothing: break;
        case Wish::back: go_back(f); break;
        case Wish::next: go_forward(f); break;
        case Wish::restart_clock: p.begun = glfwGetTime(); break;
        case Wish::close: close(p); break;
    }
    if (event || wish != Wish::nothing) f.requests.redraw = true;
    f.requests.wake_after = std::min(f.requests.wake_after, 0.5);  // the clock
}

void toggle(Frame& f) {
    auto& p = f.states.of<Presenter>();
    if (p.window) return close(p);
    open(f, p);
    f.requests.redraw = true;
}

// clang-format off
constexpr Action rows[] = {
    {"presenter", "Presenter's window", Menu::lecture, {{{GLFW_KEY_F9, 0}}}, [](const Frame&) { return true; }, toggle},
};
// clang-format on

void closed(States& states, Closing) { close(states.of<Presenter>()); }

void report(Frame& f) {
    const auto& p = f.states.of<Presenter>();
    f.map.state("presenter", p.window ? clock_text(glfwGetTime() - p.begun) : "-");
}

}  // namespace

const Tool presenter_tool{.id = "presenter", .actions = rows, .closed = closed, .over = over, .report = report};

#endif

}  // namespace convlens
