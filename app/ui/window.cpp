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
#include <array>
#include <chrono>
#include <cmath>
#include <deque>
#include <filesystem>
#include <map>
#include <new>
#include <numeric>
#include <variant>

#include "app/assets.h"
#include "app/autosave.h"
#include "app/cli/commands.h"
#include "app/signals.h"
#include "app/ui/actions.h"
#include "app/ui/frame.h"
#include "app/ui/history.h"
#include "app/ui/lecture_panel.h"
#include "app/ui/load.h"
#include "app/ui/panels.h"
#include "app/ui/property.h"
#include "app/ui/scenes.h"
#include "app/ui/show.h"
#include "app/ui/states.h"
#include "app/ui/theme.h"
#include "app/ui/tools.h"
#include "app/ui/worker.h"
#include "engine/core/numbers.h"
#include "engine/io/file.h"
#include "engine/open/open_network.h"

namespace convlens {
namespace {

/// What the picture worker is asked for: the words of the command line.
using Specs = std::vector<std::string>;

/// Runs `open`; what it throws becomes a sentence.
template <class Open>
auto guarded(const Open& open) -> decltype(open()) {
    try {
        return open();
    } catch (const std::bad_alloc&) {
        return fail("there is not enough memory to open this");
    } catch (const std::exception& error) {
        return fail("this can't be opened: {}", error.what());
    }
}

/// A file's small picture for the browser.
struct Thumbnail {
    std::filesystem::path path;
    std::shared_ptr<const Image> image;  ///< Null when it can't be read.
};

constexpr int thumbnail_side = 160;

/// The key as a chord knows it: letters by what is printed on this keyboard.
int chord_key(int key, int scancode) {
    const char* name = glfwGetKeyName(key, scancode);
    if (!name || name[0] == 0 || name[1] != 0) return key;
    const char c = name[0];
    return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c;
}

class Window {
  public:
    Window(GLFWwindow* handle, const Document& document, const WindowOptions& options, const BackendOptions& backend)
        : handle_(handle),
          history_(document),
          map_(options.ui_map),
          assets_(find_assets()),
          settings_(load_settings(settings_file())),
          show_([backend] { return make_show_job(backend); }, [] { glfwPostEmptyEvent(); }),
          pictures_(
              [assets = assets_] {
                  return [assets](const Specs& specs, const Cancel&) {
                      return std::optional(guarded([&] { return open_input(specs, 1, assets); }));
                  };
              },
              [] { glfwPostEmptyEvent(); }),
          saves_([] { return [](const LoadJob& job, const Cancel&) { return std::optional(guarded(job)); }; },
                 [] { glfwPostEmptyEvent(); }),
          layers_([] { return [](const LoadJob& job, const Cancel&) { return std::optional(guarded(job)); }; },
                  [] { glfwPostEmptyEvent(); }),
          list_(
              [] {
                  return [](const std::filesystem::path& folder, const Cancel&) {
                      return std::optional(list_folder(folder));
                  };
              },
              [] { glfwPostEmptyEvent(); }),
          thumbnail_(
              [] {
                  return [](const std::filesystem::path& path, const Cancel&) {
                      return std::optional(Thumbnail{path, thumbnail_of(path, thumbnail_side)});
                  };
              },
              [] { glfwPostEmptyEvent(); }),
          training_([] { glfwPostEmptyEvent(); }),
          lab_([backend] { return make_lab_job(backend.cpu); }, [] { glfwPostEmptyEvent(); }) {
        view_.light = options.light;
        view_.use = backend_use_from(backend.backend);
        float scale = 1;
        glfwGetWindowContentScale(handle, &scale, nullptr);
        if (int height = 0; scale == 1) {  // a screen that asks for nothing but is large
            glfwGetWindowSize(handle, nullptr, &height);
            scale = std::floor(static_cast<float>(height) / 1080 * 4) / 4;
        }
        view_.ui_scale = options.ui_scale > 0 ? options.ui_scale : std::clamp(scale, 1.0F, 3.0F);
        view_.crashed = take_crashed();
        if (!options.scenes.empty()) requests_.session = options.scenes;
        glfwSetWindowUserPointer(handle, this);
        glfwSetDropCallback(handle, [](GLFWwindow* w, int count, const char** paths) {
            static_cast<Window*>(glfwGetWindowUserPointer(w))->dropped({paths, paths + count});
        });
        glfwSetKeyCallback(handle, [](GLFWwindow* w, int key, int scancode, int action, int mods) {
            if (action != GLFW_RELEASE)
                static_cast<Window*>(glfwGetWindowUserPointer(w))->pressed(key, scancode, action, mods);
        });
        glfwSetCharCallback(handle, [](GLFWwindow* w, unsigned character) {
            static_cast<Window*>(glfwGetWindowUserPointer(w))->typed(character);
        });
        ImGui_ImplGlfw_InitForOpenGL(handle, true);  // chains to the callbacks above
        ImGui_ImplOpenGL3_Init("#version 330");
    }

    ~Window() {
        autosave_.reset();  // what it is writing now is written before it goes
        std::error_code ignored;
        std::filesystem::remove(autosave_file(), ignored);
        ImGui_ImplOpenGL3_Shutdown();
        ImGui_ImplGlfw_Shutdown();
    }

    void run() {
        int lively = 5;  // frames to draw after an event: ImGui settles in two
        while (!glfwWindowShouldClose(handle_) && !signals_.requested()) {
            const bool busy = working();
            if (lively > 0) {
                glfwWaitEventsTimeout(1.0 / 60);
            } else if (busy || ImGui::GetIO().WantTextInput) {
                glfwWaitEventsTimeout(0.07);
            } else if (!autosaved_ || !(*autosaved_ == history_.now())) {
                glfwWaitEventsTimeout(0.5);  // the autosave is due
            } else if (ImGui::GetTime() - moved_ < tip_delay_seconds + 0.3) {
                glfwWaitEventsTimeout(0.2);  // a tooltip may be due
            } else {
                glfwWaitEvents();
            }
            lively = std::max(0, lively - 1);
            if (poll()) lively = 3;
            const ImGuiIO& io = ImGui::GetIO();
            const ImVec2 mouse = io.MousePos;
            frame();
            if (mouse.x != io.MousePos.x || mouse.y != io.MousePos.y || ImGui::IsAnyMouseDown() || keys_ > 0)
                lively = 3;
            if (mouse.x != io.MousePos.x || mouse.y != io.MousePos.y) moved_ = ImGui::GetTime();
            if (view_.tool == Tool::slide &&
                (view_.slide.playing || (view_.slide.turned > 0 && view_.slide.turned < 1)))
                lively = 3;
            keys_ = 0;
        }
        glfwHideWindow(handle_);  // a large picture may still be on its way into its file
    }

  private:
    bool working() const {
        return show_.busy() || loading() || writing_ || !writes_.empty() || list_.busy() || thumbnail_.busy() ||
               lab_.busy();
    }
    bool loading() const { return pictures_.busy() || layers_.busy(); }

    /// Files are opened; in lesson 4 a single picture is added to it.
    void dropped(const std::vector<std::string>& paths) {
        if (view_.tool == Tool::features && training_.shown().lesson == Lesson::features && paths.size() == 1 &&
            kind_of(paths.front()) == FileKind::picture)
            requests_.training = [path = paths.front()](Training& t) { t.add(path); };
        else
            request_files(requests_, paths);
    }

    bool overlay_open() const {
        return view_.help || view_.exporting.open || view_.backends || view_.palette.open || view_.browser.open ||
               view_.lecture.list;
    }

    /// A key with a meaning of its own, or a letter with Ctrl or Alt.
    void pressed(int key, int scancode, int action, int mods) {
        ++keys_;
        mods &= GLFW_MOD_CONTROL | GLFW_MOD_SHIFT | GLFW_MOD_ALT;
        const bool letter = key < GLFW_KEY_ESCAPE, command = (mods & (GLFW_MOD_CONTROL | GLFW_MOD_ALT)) != 0;
        if (letter && !command) return;  // typed() gets it
        const bool writing = ImGui::GetIO().WantTextInput;
        if (key == GLFW_KEY_ESCAPE && !overlay_open() &&
            (writing || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup))) {
            close_popups_ = !writing;  // a text field takes Esc itself
            return;
        }
        if ((writing || overlay_open()) && key != GLFW_KEY_ESCAPE && !letter && key != GLFW_KEY_F1) return;
        const Action* found = action_for({letter ? chord_key(key, scancode) : key, mods});
        if (!found && letter) found = action_for({key, mods});         // Ctrl+1 where the key shows another character
        if (!found || (writing && found->menu == Menu::edit)) return;  // undo and redo of a text field are its own
        const bool repeats = found->menu == Menu::grid || found->menu == Menu::layer || found->menu == Menu::edit;
        if (action == GLFW_PRESS || repeats) pending_.push_back(found);
    }

    void typed(unsigned character) {
        ++keys_;
        if (ImGui::GetIO().WantTextInput || character >= 128 || (overlay_open() && character != '?')) return;
        if (view_.palette.open || view_.browser.open) return;
        if (const Action* action = action_for({static_cast<int>(character), 0})) pending_.push_back(action);
    }

    /// Fetches what the workers have finished. True when something changed.
    bool poll() {
        bool changed = false;
        if (auto opened = pictures_.poll()) {
            changed = true;
            take(*opened, [&](Document& next) {
                next.input.source = std::move(**opened);
                next.input.crop.reset();
                next.look.item = 0;
                remember(next.input);
            });
        }
        if (auto opened = layers_.poll()) {
            changed = true;
            if (*opened && std::holds_alternative<OpenedLecture>(**opened)) {
                begin_lecture(std::get<OpenedLecture>(std::move(**opened)));
            } else {
                if (!*opened) scene_awaited_ = false;
                if (*opened)
                    if (const auto* document = std::get_if<OpenedDocument>(&**opened)) scene_view_ = document->view;
                take(*opened, [&](Document& next) { put(std::move(**opened), next); });
            }
        }
        if (auto saved = saves_.poll()) {
            changed = true;
            writing_ = false;
            if (*saved && !status_.error.empty() && status_.error == std::exchange(save_error_, {}))
                status_.error.clear(), refused_at_.reset();
            if (!*saved) {
                refuse(save_error_ = saved->error().message);
            } else if (const auto* code = std::get_if<OpenedCode>(&**saved)) {
                ImGui::SetClipboardText(code->text.c_str());
                status_.note = fmt::format("copied the script; its weights are in {}", code->path);
            } else {
                status_.note = std::get<Saved>(**saved).note;
            }
        }
        if (auto shown = show_.poll()) {
            changed = true;
            if (*shown) {
                if (shown_ && !(shown_->request.document == (*shown)->request.document)) status_.note.clear();
                if (!(*shown)->note.empty()) status_.note = (*shown)->note;
                if (!(*shown)->save_error.empty()) refuse((*shown)->save_error);
                if (const auto& taken = (*shown)->taken;
                    taken && !takes_.empty() && taken->what.number == takes_.front().number) {
                    takes_.pop_front();
                    write(take_job(*taken));
                }
                if ((*shown)->request.weights_path == exporting_weights_) exporting_weights_.reset();
                shown_ = std::move(**shown);
                shown_->taken.reset();
                settle();
                // A file that was refused is still worth reading about while the mouse moves over the old picture.
                if (!refused_at_ || !(shown_->request.document == *refused_at_))
                    status_.error.clear(), refused_at_.reset();
                status_.outdated = false;
            } else {
                status_.error = shown->error().message;
                status_.outdated = true;
                if (!takes_.empty())
                    status_.error += fmt::format("; {} not saved", export_name(takes_.front().order.what).thing);
                takes_.clear();
                exporting_weights_.reset();
            }
        }
        if (auto made = lab_.poll()) {
            changed = true;
            if (*made)
                lab_shown_ = std::move(**made);
            else
                refuse(made->error().message);
        }
        // The picture is there, or was there already.
        if (scene_view_ && shown_ && shown_->request.document == history_.now()) {
            show_as(*std::exchange(scene_view_, {}), view_);
            settle();
            scene_awaited_ = false;
            changed = true;
        }
        if (training_.lively()) changed = true;
        if (auto begun = training_.poll(); !begun) {
            refuse(begun.error().message);
            changed = true;
        } else if (*begun) {
            take(Expected<Document>(**begun), [&](Document& next) { next = **begun; });
            view_.grid.enlarged.reset();
            changed = true;
        }
        if (auto listed = list_.poll()) {
            changed = true;
            thumbnails_.clear();
            folder_ = std::move(*listed);
            if (!folder_->error.empty()) refuse(folder_->error);
        }
        if (auto made = thumbnail_.poll()) {
            changed = true;
            thumbnails_[made->path] = made->image;
        }
        return changed;
    }

    /// A sentence that stays until the document changes, while the last good picture does.
    void refuse(std::string sentence) {
        status_.error = std::move(sentence);
        refused_at_ = history_.now();
    }

    /// What a worker has opened becomes a step of its own, or its refusal a sentence.
    template <class Opened, class Change>
    void take(const Expected<Opened>& opened, const Change& change) {
        if (!opened) return refuse(opened.error().message);
        Document next = history_.now();
        change(next);
        history_.commit();
        history_.preview(std::move(next));
        history_.commit();
        status_.error.clear();
        refused_at_.reset();
    }

    /// Kernels, a network, or weights become the document's.
    static void put(Loaded loaded, Document& next) {
        if (auto* opened = std::get_if<OpenedDocument>(&loaded)) {
            next = std::move(opened->document);
        } else if (auto* network = std::get_if<LayeredNetwork>(&loaded)) {
            choose_network(next, std::move(*network));
        } else if (auto* weights = std::get_if<decltype(LayeredNetwork::weights)>(&loaded)) {
            if (auto* layered = std::get_if<LayeredNetwork>(&next.network)) layered->weights = std::move(*weights);
        } else {
            auto& kernels = std::get<OpenedKernels>(loaded);
            choose_kernels(next, std::move(kernels.bank));
            next.kernels.grey = kernels.grey;
        }
    }

    void begin_lecture(OpenedLecture opened) {
        view_.lecture.lecture = std::move(opened.lecture);
        view_.lecture.file = std::move(opened.file);
        view_.lecture.changed = false;
        requests_.scene = 0;
    }

    void obey_lecture() {
        LectureView& v = view_.lecture;
        if (requests_.capture_scene) {
            capture_scene(v, history_.now(), scene_now(view_));
            status_.note = fmt::format("added scene {}", v.scene + 1);
        }
        if (requests_.scene && v.lecture) {
            v.scene = std::clamp(*requests_.scene, 0, static_cast<int>(v.lecture->scenes.size()) - 1);
            layers_.submit(std::make_shared<const LoadJob>(
                scene_job(v.lecture->scenes[static_cast<std::size_t>(v.scene)], lecture_folder(v), history_.now())));
            scene_awaited_ = true;
        }
        if (requests_.save_lecture && v.lecture) {
            const auto saved = save_lecture_file(v, assets_);
            if (saved)
                status_.note = fmt::format("saved {}", saved->string());
            else
                refuse(saved.error().message);
        }
        if (requests_.lecture_mode) {
            v.full = !v.full;
            if (v.full && !v.lecture) requests_.session = (assets_ / "lectures" / "cnn.json").string();
            if (v.full == (glfwGetWindowMonitor(handle_) == nullptr)) toggle_fullscreen();
        }
    }

    /// Keeps the document for the next start, should this one end by accident.
    void autosave() {
        const double now = ImGui::GetTime();
        if (now < next_autosave_ || (autosaved_ && *autosaved_ == history_.now()) || autosave_->busy()) return;
        next_autosave_ = now + 2;
        autosaved_ = history_.now();
        autosave_->submit(std::make_shared<const Document>(*autosaved_));
    }

    /// What is marked, enlarged or pointed at may not exist in the new output.
    void settle() {
        const auto& all = shown_->stats;
        const auto gone = [&](int channel) { return static_cast<std::size_t>(channel) >= all.size(); };
        if (view_.marked && gone(*view_.marked)) view_.marked.reset();
        if (view_.grid.enlarged && gone(*view_.grid.enlarged)) view_.grid.enlarged.reset();
        const Shape& s = shown_->output_shape;
        const auto outside = [&](const std::optional<Spot>& spot) {
            return spot && (gone(spot->channel) || spot->y >= s.h || spot->x >= s.w);
        };
        if (outside(view_.hover)) view_.hover.reset(), view_.by_keys = false;
        if (outside(view_.pin)) view_.pin.reset();
    }

    /// The browser offers the folders that were opened from.
    void remember(const Input& input) {
        const auto* pictures = std::get_if<PictureInput>(&input.source);
        if (!pictures || pictures->pictures.front().spec.starts_with("sample:")) return;
        std::error_code ignored;
        const auto path = std::filesystem::absolute(pictures->pictures.front().spec, ignored);
        if (ignored) return;
        remember_folder(settings_, path.parent_path());
        save_settings(settings_, settings_file());
    }

    void frame() {
        if (applied_scale_ != view_.ui_scale || applied_light_ != view_.light) {
            apply_theme(view_.light, view_.ui_scale);
            applied_scale_ = view_.ui_scale;
            applied_light_ = view_.light;
        }
        textures_.begin_frame();
        // In the export panel arrows and space go from row to row; elsewhere they move the cursor.
        (view_.exporting.open ? ImGui::GetIO().ConfigFlags |= ImGuiConfigFlags_NavEnableKeyboard
                              : ImGui::GetIO().ConfigFlags &= ~ImGuiConfigFlags_NavEnableKeyboard);
        update_status();
        update_chain();
        ImGui_ImplOpenGL3_NewFrame();
        ImGui_ImplGlfw_NewFrame();
        ImGui::NewFrame();
        if (std::exchange(close_popups_, false)) ImGui::ClosePopupToLevel(0, true);
        Document draft = history_.now();
        Frame f = frame_of(draft);
        for (const Action* action : std::exchange(pending_, {}))
            if (action->enabled(f)) action->run(f);
        draw(f);
        keep(draft);
        obey();
        autosave();
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

    Frame frame_of(Document& draft) {
        return {draft,
                view_,
                shown_ ? &*shown_ : nullptr,
                status_,
                chain_,
                textures_,
                assets_,
                settings_,
                folder_ ? &*folder_ : nullptr,
                thumbnails_,
                requests_,
                map_,
                training_.shown(),
                lab_shown_ ? &*lab_shown_ : nullptr};
    }

    /// The cards follow the document at once, whether it can be computed or not.
    void update_chain() {
        const Document& now = history_.now();
        const Shape input = shown_ ? shown_->input_shape : Shape{1, 3, 224, 224};
        if (chain_of_ && *chain_of_ == now && chain_input_ == input) return;
        chain_of_ = now;
        chain_input_ = input;
        auto plan = plan_network(now, input.c);
        chain_.error.clear();
        if (!plan) {
            chain_.error = plan.error().message;
            Document last = now;
            last.layer.clear();
            plan = plan_network(last, input.c);
        }
        if (plan) chain_.plan = std::move(*plan);
        chain_.numbers = layer_numbers(chain_.plan.layers, input);
    }

    void update_status() {
        using Clock = std::chrono::steady_clock;
        const bool busy = show_.busy();
        if (busy && !status_.busy) busy_since_ = Clock::now();
        status_.busy = busy;
        status_.busy_seconds = busy ? std::chrono::duration<double>(Clock::now() - busy_since_).count() : 0;
        status_.loading = loading();
        status_.writing = writing_ || !writes_.empty();
        status_.listing = list_.busy();
        status_.progress = show_.progress();
        status_.undo_depth = history_.undo_depth();
        status_.redo_depth = history_.redo_depth();
    }

    static constexpr ImGuiWindowFlags fixed_panel_flags =
        ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
        ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | ImGuiWindowFlags_NoScrollbar |
        ImGuiWindowFlags_NoScrollWithMouse;

    /// Only the tool and the caption.
    void draw_lecture(Frame& f, ImGuiWindowFlags flags) {
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        const float bottom = std::min(caption_height(view_), size.y * 0.5F);
        ImGui::SetNextWindowPos({0, 0});
        ImGui::SetNextWindowSize({size.x, size.y - bottom});
        ImGui::Begin("the grid", nullptr, flags);
        tool_panel(f);
        ImGui::End();
        ImGui::SetNextWindowPos({0, size.y - bottom});
        ImGui::SetNextWindowSize({size.x, bottom});
        ImGui::Begin("caption", nullptr, flags);
        caption_panel(f);
        ImGui::End();
        overlays(f);
    }

    void overlays(Frame& f) {
        file_browser(f);
        scenes_panel(f);
        palette(f);
        help(f);
        backends(f);
        export_panel(f);
        spotlight(view_);
    }

    /// A session that was lost: offered until it is opened or let go.
    void offer_crashed(Frame& f) {
        if (view_.crashed.empty()) return;
        if (begin_overlay("crashed", ImGui::GetFontSize() * 32, ImGui::GetFontSize() * 5)) {
            ImGui::TextWrapped("Convlens ended unexpectedly the last time. Go on where you were?");
            if (button(f, "crashed.open", "Open the last session", "The document as it was a moment before"))
                f.requests.session = std::exchange(view_.crashed, {}).string();
            ImGui::SameLine();
            if (button(f, "crashed.no", "No", "Go on with what was asked for now")) view_.crashed.clear();
        }
        end_overlay();
    }

    void draw(Frame& f) {
        watch_mouse();
        if (!view_.lecture.full || !view_.lecture.lecture) menu_bar(f);
        const ImVec2 size = ImGui::GetIO().DisplaySize;
        const float em = ImGui::GetFontSize();
        const bool wrapped = !status_.error.empty() && ImGui::CalcTextSize(status_.error.c_str()).x > size.x - 2 * em;
        if (view_.lecture.full && view_.lecture.lecture) return draw_lecture(f, fixed_panel_flags);
        const float top = ImGui::GetFrameHeight(),
                    bottom =
                        ImGui::GetFrameHeight() + 2 * ImGui::GetStyle().WindowPadding.y + (wrapped ? em * 1.2F : 0);
        const float left = view_.panels ? std::min(em * 18, size.x * 0.29F) : 0;
        const float right = view_.panels && has_side_panel(view_) ? std::min(em * 19, size.x * 0.26F) : 0;
        const float height = std::max(size.y - top - bottom, 32.0F);
        const auto panel = [&](const char* name, float x, float y, float w, float h,
                               std::initializer_list<void (*)(Frame&)> contents, ImGuiWindowFlags more) {
            if (w <= 0) return;
            ImGui::SetNextWindowPos({x, y});
            ImGui::SetNextWindowSize({std::max(w, 32.0F), h});
            ImGui::Begin(name, nullptr,
                         ImGuiWindowFlags_NoTitleBar | ImGuiWindowFlags_NoResize | ImGuiWindowFlags_NoMove |
                             ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus | more);
            for (const auto part : contents) part(f);
            ImGui::End();
        };
        constexpr ImGuiWindowFlags fixed = ImGuiWindowFlags_NoScrollbar | ImGuiWindowFlags_NoScrollWithMouse;
        panel("controls", 0, top, left, height, {source_panel, network_panel, layer_panel}, 0);
        panel("the grid", left, top, size.x - left - right, height, {tool_panel}, fixed);
        panel("the kernels", size.x - right, top, right, height, {side_panel}, 0);
        panel("status", 0, top + height, size.x, bottom, {status_bar}, fixed);
        overlays(f);
        offer_crashed(f);
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
        for (; requests_.undo > 0; --requests_.undo) history_.undo();
        for (; requests_.redo > 0; --requests_.redo) history_.redo();
        if (requests_.quit) glfwSetWindowShouldClose(handle_, 1);
        obey_lecture();
        if (requests_.take) {
            requests_.take->number = ++take_number_;
            takes_.push_back(*requests_.take);
        }
        if (requests_.save_session)
            write(save_job(history_.now(), free_path(suggested_path(history_.now().input, "-session", ".json"))));
        if (requests_.code)
            write(code_job(history_.now(), *requests_.code,
                           free_path(suggested_path(history_.now().input, "-weights", ".npz"))));
        if (requests_.session) layers_.submit(std::make_shared<const LoadJob>(session_job(*requests_.session)));
        if (!requests_.copy.empty()) {
            ImGui::SetClipboardText(requests_.copy.c_str());
            status_.note = "copied";
        }
        if (requests_.training) requests_.training(training_);
        if (requests_.use_trained) {
            history_.commit();
            history_.preview(training_.with_weights(history_.now()));
            history_.commit();
            training_.stop();
        }
        if (requests_.fullscreen) toggle_fullscreen();
        if (requests_.measure) measure(true);
        if (requests_.folder) list_.submit(std::make_shared<const std::filesystem::path>(*requests_.folder));
        if (requests_.thumbnail && !thumbnail_.busy())
            thumbnail_.submit(std::make_shared<const std::filesystem::path>(*requests_.thumbnail));
        if (requests_.save_weights)
            exporting_weights_ = free_path(suggested_path(history_.now().input, "-weights", ".safetensors"));
        if (!requests_.images.empty()) pictures_.submit(std::make_shared<const Specs>(requests_.images));
        if (requests_.network) layers_.submit(std::make_shared<const LoadJob>(network_job(*requests_.network)));
        if (requests_.weights) {
            const auto* layered = std::get_if<LayeredNetwork>(&history_.now().network);
            layers_.submit(std::make_shared<const LoadJob>(
                weights_job(*requests_.weights, layered ? std::optional(*layered) : std::nullopt)));
        }
        if (!requests_.refused.empty()) refuse(requests_.refused);
        requests_ = {};
        if (writing_ || writes_.empty()) return;
        saves_.submit(writes_.front());
        writes_.pop_front();
        writing_ = true;
    }

    /// One file after the other; no one takes another one's turn.
    void write(LoadJob job) { writes_.push_back(std::make_shared<const LoadJob>(std::move(job))); }

    void toggle_fullscreen() {
        if (glfwGetWindowMonitor(handle_)) {
            glfwSetWindowMonitor(handle_, nullptr, windowed_[0], windowed_[1], windowed_[2], windowed_[3], 0);
            return;
        }
        GLFWmonitor* monitor = glfwGetPrimaryMonitor();
        const GLFWvidmode* mode = monitor ? glfwGetVideoMode(monitor) : nullptr;
        if (!mode) return;
        glfwGetWindowPos(handle_, &windowed_[0], &windowed_[1]);
        glfwGetWindowSize(handle_, &windowed_[2], &windowed_[3]);
        glfwSetWindowMonitor(handle_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
    }

    void submit() {
        if (view_.grid.area.w == 0) return;
        if (view_.tool == Tool::lab) submit_lab();
        const bool sliding = view_.tool == Tool::slide;
        auto request = std::make_shared<const ShowRequest>(ShowRequest{
            training_.with_weights(history_.now()), view_.grid, view_.hover ? view_.hover : view_.pin,
            view_.pin ? view_.pin : view_.hover, view_.marked,
            sliding ? std::optional(view_.marked.value_or(view_.pin ? view_.pin->channel : 0)) : std::nullopt,
            view_.tool == Tool::compare && view_.compare.area.w > 0 ? std::optional(view_.compare) : std::nullopt,
            takes_.empty() ? std::nullopt : std::optional(takes_.front()), exporting_weights_, view_.use, measure_,
            measure_any_});
        if (submitted_ && *submitted_ == *request) return measure_when_idle();
        submitted_ = request;
        show_.submit(request);
    }

    void submit_lab() {
        const LabView& v = view_.lab;
        auto request = std::make_shared<const LabRequest>(
            LabRequest{v.setup, v.from_picture && shown_ ? shown_->input : nullptr, v.shift});
        if (lab_submitted_ && *lab_submitted_ == *request) return;
        lab_submitted_ = request;
        lab_.submit(request);
    }

    void measure(bool any_driver) {
        ++measure_;
        measure_any_ = any_driver;
    }

    /// `auto` has to know which back end is faster for this document.
    void measure_when_idle() {
        if (view_.use == BackendUse::automatic && shown_ && !shown_->comparison && !show_.busy() && !status_.outdated &&
            shown_->request.document == history_.now())
            measure(false);
    }

    /// From frame to frame, for whoever measures: mean and longest of the last 30, in milliseconds.
    void write_pace() {
        const auto now = std::chrono::steady_clock::now();
        gaps_.push_back(std::chrono::duration<double, std::milli>(now - drawn_).count());
        drawn_ = now;
        if (gaps_.size() > 30) gaps_.erase(gaps_.begin());
        map_.state("pace",
                   fmt::format("{:.1f} {:.1f}",
                               std::accumulate(gaps_.begin(), gaps_.end(), 0.0) / static_cast<double>(gaps_.size()),
                               *std::max_element(gaps_.begin(), gaps_.end())));
    }

    void write_map() {
        if (!map_.enabled()) return;
        write_pace();
        map_.state("busy", working() ? "1" : "0");
        map_.state("undo_depth", fmt::format("{}", history_.undo_depth()));
        map_.state("scene_shown", scene_awaited_ || !view_.lecture.lecture ? "0" : "1");
        Document now = history_.now();
        write_states(frame_of(now));
        map_.write_frame();
    }

    GLFWwindow* handle_;
    QuitSignals signals_{[] { glfwPostEmptyEvent(); }};  ///< Until all other members are gone.
    History<Document> history_;
    View view_;
    UiMap map_;
    Assets assets_;
    Status status_;
    Requests requests_;
    std::optional<Shown> shown_;
    std::optional<LabShown> lab_shown_;
    std::shared_ptr<const LabRequest> lab_submitted_;
    std::shared_ptr<const ShowRequest> submitted_;
    std::optional<std::string> exporting_weights_;
    std::deque<TakeOut> takes_;  ///< The first is being drawn.
    int take_number_ = 0;
    std::deque<std::shared_ptr<const LoadJob>> writes_;  ///< They wait for saves_.
    bool writing_ = false;
    std::string save_error_;  ///< Of the last file that could not be written.
    int measure_ = 0;
    bool measure_any_ = false;
    std::optional<SceneView> scene_view_;  ///< For the picture that is awaited.
    bool scene_awaited_ = false;           ///< It is on its way to the screen.
    std::optional<Document> autosaved_;
    double next_autosave_ = 2;
    Chain chain_;
    std::optional<Document> chain_of_;  ///< The document and the input that chain_ is of.
    Shape chain_input_;
    std::optional<Document> refused_at_;  ///< The document when a file was refused last.
    TextureCache textures_;
    std::chrono::steady_clock::time_point busy_since_;
    ImGuiID active_ = 0;
    int keys_ = 0;
    double moved_ = 0;  ///< ImGui's time when the mouse moved last.
    bool close_popups_ = false;
    std::array<int, 4> windowed_{100, 100, 1280, 720};  ///< x, y, width, height to come back to from the full screen.
    std::vector<const Action*> pending_;                ///< Of the keys since the last frame.
    Settings settings_;
    std::optional<Folder> folder_;
    std::map<std::filesystem::path, std::shared_ptr<const Image>> thumbnails_;
    float applied_scale_ = 0;
    bool applied_light_ = false;
    Worker<ShowRequest, Expected<Shown>> show_;
    Worker<Specs, Expected<decltype(Input::source)>> pictures_;
    Worker<LoadJob, Expected<Loaded>> saves_;  ///< Apart: opening something else does not take a file's turn.
    Worker<LoadJob, Expected<Loaded>> layers_;
    std::optional<Worker<Document, bool>> autosave_{
        std::in_place,
        [] {
            return [file = autosave_file()](const Document& document, const Cancel&) {
                std::error_code ignored;
                if (!file.empty()) std::filesystem::create_directories(file.parent_path(), ignored);
                return std::optional(!file.empty() && save_session(document, file).has_value());
            };
        },
        [] {}};
    Worker<std::filesystem::path, Folder> list_;
    Worker<std::filesystem::path, Thumbnail> thumbnail_;
    Training training_;
    Worker<LabRequest, Expected<LabShown>> lab_;
    std::vector<double> gaps_;  ///< Milliseconds between the last frames.
    std::chrono::steady_clock::time_point drawn_;
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
    ImGui::GetIO().MouseDoubleClickTime = 0.45F;
    Window(handle, document, options, backend).run();
    ImGui::DestroyContext();
    glfwDestroyWindow(handle);
    glfwTerminate();
    return {};
}

}  // namespace convlens
