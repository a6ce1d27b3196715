/// The main loop: events in, one draft a frame, differences out to the workers.
#include "app/ui/window.h"

#include <epoxy/gl.h>
// epoxy first: GLFW must not bring its own GL header
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_glfw.h>
#include <imgui_impl_opengl3.h>
#include <imgui_internal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <new>
#include <variant>

#include "app/assets.h"
#include "app/ui/frame.h"
#include "app/ui/history.h"
#include "app/ui/panels.h"
#include "app/ui/show.h"
#include "app/ui/theme.h"
#include "app/ui/worker.h"
#include "engine/core/numbers.h"

namespace convlens {
namespace {

using Loaded = std::variant<decltype(Input::source), OpenedKernels>;

/// Pictures or kernels to load.
struct LoadRequest {
    std::vector<std::string> images;
    std::string weights;
    Assets assets;
};

Expected<Loaded> load(const LoadRequest& request) {
    const auto loaded = [](auto value) { return Loaded(std::move(value)); };
    try {
        if (!request.images.empty()) return open_input(request.images, 1, request.assets).map(loaded);
        return open_kernels(request.weights, request.assets).map(loaded);
    } catch (const std::bad_alloc&) {
        return fail("there is not enough memory to open this");
    }
}

/// A texture that follows a picture.
class Texture {
  public:
    ~Texture() {
        if (name_) glDeleteTextures(1, &name_);
    }
    unsigned name() const { return name_; }
    void follow(const std::shared_ptr<const Image>& image) {
        if (image == image_ || !image) return;
        image_ = image;
        if (!name_) glGenTextures(1, &name_);
        glBindTexture(GL_TEXTURE_2D, name_);
        for (const GLenum side : {GL_TEXTURE_WRAP_S, GL_TEXTURE_WRAP_T}) glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
        for (const GLenum filter : {GL_TEXTURE_MIN_FILTER, GL_TEXTURE_MAG_FILTER}) glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
        glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, image->width, image->height, 0, GL_RGBA, GL_UNSIGNED_BYTE, image->rgba.data());
    }

  private:
    unsigned name_ = 0;
    std::shared_ptr<const Image> image_;
};

/// "DIR/NAME-grid.png", or with a number where that exists; in the current folder for pictures without one of their own.
std::string export_path(const Input& input) {
    namespace fs = std::filesystem;
    fs::path base = fs::current_path() / "convlens";
    if (const auto* p = std::get_if<PictureInput>(&input.source); p && !p->pictures.front().spec.starts_with("sample:"))
        base = fs::path(p->pictures.front().spec).replace_extension();
    fs::path path = base.string() + "-grid.png";
    for (int i = 2; fs::exists(path) && i < 10000; ++i) path = fmt::format("{}-grid-{}.png", base.string(), i);
    return path.string();
}

class Window {
  public:
    Window(GLFWwindow* handle, const Document& document, const WindowOptions& options, const BackendOptions& backend)
        : handle_(handle), history_(document), map_(options.ui_map), assets_(find_assets()),
          show_([backend] { return make_show_job(backend); }, [] { glfwPostEmptyEvent(); }),
          load_([] { return [](const LoadRequest& r, const Cancel&) { return std::optional(load(r)); }; }, [] { glfwPostEmptyEvent(); }) {
        view_.light = options.light;
        float scale = 1;
        glfwGetWindowContentScale(handle, &scale, nullptr);
        view_.ui_scale = options.ui_scale > 0 ? options.ui_scale : std::clamp(scale, 1.0F, 3.0F);
        glfwSetWindowUserPointer(handle, this);
        glfwSetDropCallback(handle, [](GLFWwindow* w, int count, const char** paths) {
            static_cast<Window*>(glfwGetWindowUserPointer(w))->dropped(std::vector<std::string>(paths, paths + count));
        });
        glfwSetKeyCallback(handle, [](GLFWwindow* w, int key, int, int action, int mods) {
            if (action != GLFW_RELEASE) static_cast<Window*>(glfwGetWindowUserPointer(w))->pressed(key, mods);
        });
        ImGui_ImplGlfw_InitForOpenGL(handle, true);  // chains to the callbacks above
        ImGui_ImplOpenGL3_Init("#version 330");
    }

    ~Window() {
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }

    void run() {
        int lively = 5;  // frames to draw after an event: ImGui settles in two
        while (!glfwWindowShouldClose(handle_)) {
            const bool busy = show_.busy() || load_.busy();
            if (lively > 0) {
                glfwWaitEventsTimeout(1.0 / 60);
            } else if (busy || ImGui::GetIO().WantTextInput) {
                glfwWaitEventsTimeout(0.07);
            } else {
                glfwWaitEvents();
            }
            lively = std::max(0, lively - 1);
            if (poll()) lively = 3;
            const ImGuiIO& io = ImGui::GetIO();
            const ImVec2 mouse = io.MousePos;
            frame();
            if (mouse.x != io.MousePos.x || mouse.y != io.MousePos.y || ImGui::IsAnyMouseDown() || io.MouseWheel != 0 || keys_ > 0) lively = 3;
            keys_ = 0;
        }
    }

  private:
    void dropped(std::vector<std::string> paths) {
        const auto extension = std::filesystem::path(paths.front()).extension();
        if (extension == ".npy" || extension == ".npz" || extension == ".safetensors" || extension == ".pth" ||
            extension == ".pt") {
            requests_.weights = paths.front();
        } else {
            requests_.images = std::move(paths);
        }
    }

    void pressed(int key, int mods) {
        ++keys_;
        if (ImGui::GetIO().WantTextInput) return;
        const bool control = mods & GLFW_MOD_CONTROL, shift = mods & GLFW_MOD_SHIFT;
        if (control && key == GLFW_KEY_Z) (shift ? requests_.redo : requests_.undo) = true;
        if (control && key == GLFW_KEY_Y) requests_.redo = true;
        if (control && key == GLFW_KEY_E) requests_.save_grid = true;
        if (control && key == GLFW_KEY_Q) requests_.quit = true;
        if (control && key == GLFW_KEY_EQUAL) view_.ui_scale = std::min(view_.ui_scale + 0.25F, 3.0F);
        if (control && key == GLFW_KEY_MINUS) view_.ui_scale = std::max(view_.ui_scale - 0.25F, 1.0F);
        if (key == GLFW_KEY_TAB) view_.panels = !view_.panels;
        if (key == GLFW_KEY_LEFT_BRACKET) step_item_ -= 1;
        if (key == GLFW_KEY_RIGHT_BRACKET) step_item_ += 1;
        if (key == GLFW_KEY_ESCAPE) {
            if (view_.grid.enlarged) {
                view_.grid.enlarged.reset();
            } else {
                view_.marked.reset();
            }
            view_.grid.zoom = 1;
        }
    }

    /// Fetches what the workers have finished. True when something changed.
    bool poll() {
        bool changed = false;
        if (auto loaded = load_.poll()) {
            changed = true;
            if (*loaded) {
                Document next = history_.now();
                if (auto* source = std::get_if<decltype(Input::source)>(&**loaded)) {
                    next.input.source = std::move(*source);
                    next.input.crop.reset();
                    next.look.item = 0;
                } else {
                    auto& kernels = std::get<OpenedKernels>(**loaded);
                    choose_kernels(next, std::move(kernels.bank));
                    next.kernels.grey = kernels.grey;
                }
                history_.commit();
                history_.preview(std::move(next));
                history_.commit();
                status_.error.clear();
            } else {
                status_.error = loaded->error().message;
            }
        }
        if (auto shown = show_.poll()) {
            changed = true;
            if (*shown) {
                if (!(*shown)->note.empty()) status_.note = (*shown)->note;
                if ((*shown)->request.export_path == exporting_) exporting_.reset();
                shown_ = std::move(**shown);
                status_.error.clear();
            } else {
                status_.error = shown->error().message;
                exporting_.reset();
            }
        }
        return changed;
    }

    void frame() {
        if (applied_scale_ != view_.ui_scale || applied_light_ != view_.light) {
            apply_theme(view_.light, view_.ui_scale);
            applied_scale_ = view_.ui_scale;
            applied_light_ = view_.light;
        }
        if (shown_) {
            picture_.follow(shown_->picture);
            input_.follow(shown_->input);
            kernels_.follow(shown_->kernels);
        }
        update_status();
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        ImGui::NewFrame();
        Document draft = history_.now();
        if (step_item_ != 0 && shown_) draft.look.item = std::clamp(draft.look.item + step_item_, 0, shown_->output_shape.n - 1);
        step_item_ = 0;
        const Textures textures{picture_.name(), input_.name(), kernels_.name()};
        Frame f{draft, view_, shown_ ? &*shown_ : nullptr, status_, textures, assets_, requests_, map_};
        draw(f);
        keep(draft);
        obey();
        submit();
        ImGui::Render();
        int width = 0, height = 0;
        glfwGetFramebufferSize(handle_, &width, &height);
        glViewport(0, 0, width, height);
        const float grey = view_.light ? 0.93F : 0.09F;
        glClearColor(grey, grey, grey, 1);
        glClear(GL_COLOR_BUFFER_BIT);
        ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
        glfwSwapBuffers(handle_);
        write_map();
    }

    void update_status() {
        using Clock = std::chrono::steady_clock;
        const bool busy = show_.busy();
        if (busy && !status_.busy) busy_since_ = Clock::now();
        status_.busy = busy;
        status_.busy_seconds = busy ? std::chrono::duration<double>(Clock::now() - busy_since_).count() : 0;
        status_.loading = load_.busy();
        status_.progress = show_.progress();
        status_.undo_depth = history_.undo_depth();
        status_.redo_depth = history_.redo_depth();
    }

    void menu(Frame& f) {
        if (!ImGui::BeginMainMenuBar()) return;
        const auto item = [&](const char* title, const char* key, bool enabled = true) {
            const bool chosen = ImGui::MenuItem(title, key, false, enabled);
            f.map.mark(title);
            return chosen;
        };
        if (ImGui::BeginMenu("File")) {
            ImGui::TextDisabled("Drop images, .npy, .npz, .safetensors or .pth on the window to open them");
            if (item("Save grid as PNG", "Ctrl+E", f.shown)) requests_.save_grid = true;
            if (item("Quit", "Ctrl+Q")) requests_.quit = true;
            ImGui::EndMenu();
        }
        f.map.mark("menu.File");
        if (ImGui::BeginMenu("Edit")) {
            if (item("Undo", "Ctrl+Z", status_.undo_depth > 0)) requests_.undo = true;
            if (item("Redo", "Ctrl+Shift+Z", status_.redo_depth > 0)) requests_.redo = true;
            ImGui::EndMenu();
        }
        f.map.mark("menu.Edit");
        if (ImGui::BeginMenu("View")) {
            if (item("Side panels", "Tab")) view_.panels = !view_.panels;
            if (item("Light or dark", "")) view_.light = !view_.light;
            if (item("Larger", "Ctrl+=")) view_.ui_scale = std::min(view_.ui_scale + 0.25F, 3.0F);
            if (item("Smaller", "Ctrl+-")) view_.ui_scale = std::max(view_.ui_scale - 0.25F, 1.0F);
            ImGui::EndMenu();
        }
        f.map.mark("menu.View");
        ImGui::EndMainMenuBar();
    }

    void draw(Frame& f) {
        menu(f);
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        const float top = ImGui::GetFrameHeight(), bottom = ImGui::GetFrameHeight() * 1.4F;
        const float left = view_.panels ? std::min(ImGui::GetFontSize() * 16, size.x * 0.28F) : 0;
        const float right = view_.panels ? std::min(ImGui::GetFontSize() * 15, size.x * 0.25F) : 0;
        const float height = std::max(size.y - top - bottom, 32.0F);
        const auto panel = [&](const char* name, float x, float y, float w, float h, void (*contents)(Frame&), ImGuiWindowFlags more) {
            if (w <= 0) return;
            ImGui::SetNextWindowPos({x, y});
            ImGui::SetNextWindowSize({std::max(w, 32.0F), h});
            ImGui::Begin(name, nullptr, ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                                            ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | more);
            contents(f);
            ImGui::End();
        };
        constexpr ImGuiWindowFlags fixed = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
        panel("controls", 0, top, left, height, controls_panel, 0);
        panel("the grid", left, top, size.x - left - right, height, grid_panel, fixed);
        panel("the kernels", size.x - right, top, right, height, kernels_panel, 0);
        panel("status", 0, top + height, size.x, bottom, status_bar, fixed);
    }

    /// Everything between two changes of the active widget is one undo step.
    void keep(const Document& draft) {
        const ImGuiID active = ImGui::GetActiveID();
        if (active != active_) history_.commit();
        active_ = active;
        if (!(draft == history_.now())) history_.preview(draft);
        if (active == 0) history_.commit();
    }

    void obey() {
        if (requests_.undo) history_.undo();
        if (requests_.redo) history_.redo();
        if (requests_.quit) glfwSetWindowShouldClose(handle_, 1);
        if (requests_.save_grid) exporting_ = export_path(history_.now().input);
        if (!requests_.images.empty() || requests_.weights)
            load_.submit(std::make_shared<const LoadRequest>(LoadRequest{requests_.images, requests_.weights.value_or(""), assets_}));
        requests_ = {};
    }

    void submit() {
        if (view_.grid.area.w == 0) return;
        auto request = std::make_shared<const ShowRequest>(ShowRequest{history_.now(), view_.grid, view_.hover, exporting_});
        if (submitted_ && *submitted_ == *request) return;
        submitted_ = request;
        show_.submit(request);
    }

    void write_map() {
        if (!map_.enabled()) return;
        map_.state("busy", show_.busy() || load_.busy() ? "1" : "0");
        map_.state("error", status_.error.empty() ? "-" : status_.error);
        map_.state("undo_depth", fmt::format("{}", history_.undo_depth()));
        map_.state("enlarged", view_.grid.enlarged ? fmt::format("{}", *view_.grid.enlarged) : "-");
        if (shown_) {
            map_.state("input", to_string(shown_->input_shape));
            map_.state("output", to_string(shown_->output_shape));
            map_.state("kernels", shown_->kernels_title);
            map_.state("cells", fmt::format("{}", shown_->channels.size()));
        }
        map_.write_frame();
    }

    GLFWwindow* handle_;
    History<Document> history_;
    View view_;
    UiMap map_;
    Assets assets_;
    Status status_;
    Requests requests_;
    std::optional<Shown> shown_;
    std::shared_ptr<const ShowRequest> submitted_;
    std::optional<std::string> exporting_;
    Texture picture_, input_, kernels_;
    std::chrono::steady_clock::time_point busy_since_;
    ImGuiID active_ = 0;
    int step_item_ = 0, keys_ = 0;
    float applied_scale_ = 0;
    bool applied_light_ = false;
    Worker<ShowRequest, Expected<Shown>> show_;
    Worker<LoadRequest, Expected<Loaded>> load_;
};

}  // namespace

Expected<void> run_window(const Document& document, const WindowOptions& options, const BackendOptions& backend) {
    if (!glfwInit()) return fail("no window can be opened: there is no display; `convlens render` works without one");
    glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, 3);
    glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, 3);
    glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
    GLFWmonitor* monitor = glfwGetPrimaryMonitor();
    const GLFWvidmode* mode = monitor ? glfwGetVideoMode(monitor) : nullptr;
    std::string_view rest = options.size;
    int width = parse_number<int>(cut(rest, 'x')).value_or(mode ? mode->width * 9 / 10 : 1280);
    int height = parse_number<int>(rest).value_or(mode ? mode->height * 9 / 10 : 720);
    if (options.fullscreen && mode) width = mode->width, height = mode->height;
    GLFWwindow* handle = glfwCreateWindow(std::clamp(width, 320, 16384), std::clamp(height, 240, 16384), "Convlens",
                                          options.fullscreen ? monitor : nullptr, nullptr);
    if (!handle) {
        glfwTerminate();
        return fail("no window can be opened: OpenGL 3.3 is not there; `convlens render` works without it");
    }
    glfwMakeContextCurrent(handle);
    glfwSwapInterval(1);
    ImGui::CreateContext();
    ImGui::GetIO().IniFilename = nullptr;
    Window(handle, document, options, backend).run();
    ImGui::DestroyContext();
    glfwDestroyWindow(handle);
    glfwTerminate();
    return {};
}

}  // namespace convlens
