/// The main loop: processes events, lets the panels edit a draft in each frame, and submits changes to the workers.
#include "app/ui/window.h"

#include <GLFW/glfw3.h>
#ifdef __EMSCRIPTEN__
#include <emscripten.h>
#endif
#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "app/assets.h"
#include "app/settings.h"
#include "app/signals.h"
#include "app/ui/drawn_text.h"
#include "app/ui/files.h"
#include "app/ui/frame.h"
#include "app/ui/history.h"
#include "app/ui/keys.h"
#include "app/ui/language.h"
#include "app/ui/layout.h"
#include "app/ui/render_job.h"
#include "app/ui/screen.h"
#include "app/ui/states.h"
#include "app/ui/tool.h"
#include "app/ui/tools/lecture/lecture.h"
#include "app/ui/wake.h"
#include "app/ui/watchdog.h"
#include "app/ui/widgets/property.h"
#include "app/ui/widgets/theme.h"
#include "app/ui/worker.h"
#include "app/web/page.h"
#include "app/x_errors.h"
#include "engine/core/memory_exempt.h"
#include "engine/core/memory_limit.h"
#include "engine/core/printable.h"
#include "engine/core/threads.h"
#include "engine/document/stored_document.h"

namespace convlens {
namespace {

using Clock = std::chrono::steady_clock;

/// After an edit, the program waits this long for the worker's answer before it draws, in seconds, if layers took less
/// than half of that. So the next frame on the screen already shows the result.
constexpr double max_hold = 0.012;
constexpr std::size_t max_undo_bytes = std::size_t{1} << 30U;  ///< Limit of the memory that only undo needs.

/// Returns the code of the language that the user has chosen for the window; nullopt if none is.
std::optional<std::string> chosen_language(const WindowOptions& options, const Settings& settings) {
    if (!options.language.empty()) return options.language;
    const bool is_known =
        std::ranges::any_of(languages, [&](const Language& l) { return settings.language == l.code; });
    return is_known ? std::optional(settings.language) : std::nullopt;
}

class Window {
  public:
    Window(Screen& screen, const Document& document, const WindowOptions& options, const BackendChoice& backend)
        : screen_(screen),
          handle_(screen.handle()),
          backend_(backend),
          history_(document, std::min(max_undo_bytes, memory_limit() / 8)),
          map_(options.ui_map),
          assets_(find_assets()),
          settings_(load_settings(settings_file())),
          show_([backend] { return make_render_job(backend); }, wake_window) {
        // Workers end a job that exceeds the limit with a message; the window must not end.
        if (has_threads) exempt_this_thread_from_memory_limit();
        view_.light = options.light;
        view_.use = backend_use_from(backend.backend);
        view_.ui_scale = options.ui_scale > 0 ? options.ui_scale : screen.suggested_scale();
        // Nobody has asked for the system's language: without its catalogue, the window is in English.
        const auto chosen = chosen_language(options, settings_);
        if (auto ok = use_language(assets_, chosen.value_or(system_language())); !ok && chosen)
            show_error(ok.error().message);
        if (!options.scenes.empty())
            requests_.open.push_back({Opens::file, [job = file_job(options.scenes)](const Document&) { return job; }});
        states_.of<LectureView>().next = options.view;
        ImGui::GetIO().UserData = &pointer_;
        attach();
        for (const Action& action : actions()) map_.action(action.id, false);
    }

    ~Window() { Screen::end_imgui(); }

    /// Runs the main loop until the window is closed. Fails if the graphics driver was reset and gives no new window;
    /// the autosave stays then.
    Expected<void> run() {
        while (!close_now_) {
            ignore_lost_windows();
            if (held_)
                hold();
            else if (const double seconds = pause(); seconds < 1e6)
                glfwWaitEventsTimeout(seconds);
            else
                glfwWaitEvents();
            step();
            if (screen_.lost())
                if (auto ok = renew(); !ok) return ok;
        }
        glfwHideWindow(handle_);  // at once: the destructors may still wait for a job
        for (const Tool* tool : tools())
            if (tool->closed) tool->closed(states_, status_.closing);
        return {};
    }

    /// Draws a frame if something has happened. The browser calls this whenever it draws.
    void run_in_browser() {
#ifdef __EMSCRIPTEN__
        if (auto more = page::take_files(); !more.empty()) dropped_ = std::move(more), frames_left_ = 3;
        const bool event = Screen::take_awake() || !ImGui::GetCurrentContext()->InputEventsQueue.empty() ||
                           canvas_ != page::canvas_size();
        const double seconds = std::chrono::duration<double>(Clock::now() - stepped_).count();
        if (!event && seconds < (frames_left_ > 0 ? 0 : pause())) return;
        canvas_ = page::canvas_size();
        stepped_ = Clock::now();
        step();
        if (shown_ && !std::exchange(started_, true)) page::started();
#endif
    }

  private:
    /// Connects GLFW's window with this object and with Dear ImGui.
    void attach() {
        handle_ = screen_.handle();
        glfwSetWindowUserPointer(handle_, this);
        glfwSetDropCallback(
            handle_, [](GLFWwindow* w, int count, const char** paths) { of(w).dropped_.assign(paths, paths + count); });
        glfwSetKeyCallback(handle_, [](GLFWwindow* w, int key, int scancode, int action, int mods) {
            if (action != GLFW_RELEASE) of(w).keys_.pressed(of(w).view_, key, scancode, action == GLFW_REPEAT, mods);
        });
        glfwSetCharCallback(handle_,
                            [](GLFWwindow* w, unsigned character) { of(w).keys_.typed(of(w).view_, character); });
        glfwSetWindowRefreshCallback(handle_, [](GLFWwindow* w) {
            of(w).screen_.redraw();
            of(w).frames_left_ = 3;
        });
#ifndef __EMSCRIPTEN__
        glfwSetWindowContentScaleCallback(handle_, [](GLFWwindow* w, float scale, float) { of(w).rescale(scale); });
        glfwGetWindowContentScale(handle_, &display_scale_, nullptr);
#endif
        screen_.begin_imgui();
    }

    /// Keeps the size of text and controls when the window gets to a display with another scale factor.
    void rescale(float scale) {
        if (scale > 0 && display_scale_ > 0)
            view_.ui_scale = std::clamp(view_.ui_scale * scale / display_scale_, 1.0F, 3.0F);
        display_scale_ = scale;
        frames_left_ = 3;
    }

    /// Opens the window again after the graphics driver was reset. The document and all views stay.
    Expected<void> renew() {
        textures_.forget();
        Screen::end_imgui();
        if (auto ok = screen_.renew(); !ok) return ok;
        attach();
        frames_left_ = 5;
        status_.note = tr("the graphics driver was reset: the window was opened again"), noted_at_ = history_.now();
        return {};
    }

    static Window& of(GLFWwindow* window) { return *static_cast<Window*>(glfwGetWindowUserPointer(window)); }

    /// Waits for the worker's answer, at most for max_hold.
    void hold() {
        const auto rest = [end = Clock::now() + std::chrono::duration<double>(max_hold)] {
            return std::chrono::duration<double>(end - Clock::now()).count();
        };
        bool answered = poll();
        for (double seconds = rest(); !answered && seconds > 0; seconds = rest()) {
            glfwWaitEventsTimeout(seconds);
            answered = poll();
        }
        if (answered) frames_left_ = 3;
    }

    /// Returns the number of seconds until the next frame if nothing happens; 1e6 or more means never.
    double pause() {
        if (frames_left_ > 0) return 1.0 / 60;
        if (working() || ImGui::GetIO().WantTextInput) return 0.07;
        return std::max(wake_after_, 0.01);
    }

    /// Fetches the worker's result and draws a frame.
    void step() {
        frames_left_ = std::max(0, frames_left_ - 1);
        watchdog_.begin();
        if (poll()) frames_left_ = 3;
        watchdog_.end();
        const ImVec2 mouse = ImGui::GetIO().MousePos;
        frame();
        const ImVec2 now = ImGui::GetIO().MousePos;
        if (mouse.x != now.x || mouse.y != now.y || ImGui::IsAnyMouseDown() || keys_.take_any() ||
            std::exchange(redraw_, false))
            frames_left_ = 3;
    }

    /// Returns true if a worker or a tool is computing, or a file is being opened or written.
    bool working() {
        return show_.busy() || files_.opening() || files_.writing() ||
               std::ranges::any_of(tools(), [&](const Tool* tool) {
                   return (tool->busy && tool->busy(states_)) || (tool->saving && tool->saving(states_));
               });
    }

    /// Takes the result of the evaluate worker. Returns true if there was one.
    bool poll() {
        auto shown = show_.poll();
        if (!shown) return false;
        if (!*shown) {
            status_.error = printable(shown->error().message);
            status_.outdated = true;
            error_at_.reset();
            bool unsaved = false;
            with_frame([&](Frame& f) { unsaved = offer(f, RenderFailed{status_.error}); });
            if (unsaved) glfwSetWindowShouldClose(handle_, 0);  // what could not be saved must be seen
            return true;
        }
        if (noted_at_ && !(history_.now() == *noted_at_)) status_.note.clear(), noted_at_.reset();
        shown_ = std::move(**shown);
        clamp_view(view_, *shown_);
        // An error message, for example about a file, stays until the document changes.
        if (!error_at_ || !(shown_->request.edited == *error_at_)) clear_error();
        status_.outdated = false;
        return true;
    }

    /// Shows an error message until the document changes; the last valid picture stays on screen.
    void show_error(const std::string& sentence) {
        status_.error = printable(sentence);  // with names of files
        error_at_ = history_.now();
    }

    void clear_error() {
        status_.error.clear();
        error_at_.reset();
    }

    /// Offers the event to the tools, first to the one in the central panel. Returns true if a tool handled it.
    static bool offer(Frame& f, const Event& event) {
        if (f.view.tool->handle && f.view.tool->handle(f, event)) return true;
        return std::ranges::any_of(
            tools(), [&](const Tool* tool) { return tool != f.view.tool && tool->handle && tool->handle(f, event); });
    }

    /// Returns the scale of text and controls: in lecture mode, body text has 1/32 of the window's height, so that it
    /// can be read from the last row.
    float scale_now() const {
        if (!view_.presenting) return view_.ui_scale;
        int height = 0;
        glfwGetWindowSize(handle_, nullptr, &height);
        return std::max(view_.ui_scale, std::min(static_cast<float>(height) / 512, 4.25F));
    }

    /// Draws one frame.
    void frame() {
        if (const float scale = scale_now(); applied_scale_ != scale || applied_light_ != view_.light) {
            apply_theme(view_.light, scale);
            applied_scale_ = scale;
            applied_light_ = view_.light;
            screen_.redraw();
        }
        textures_.begin_frame();
        auto& flags = ImGui::GetIO().ConfigFlags;
        if (view_.overlay && view_.overlay->keyboard)
            flags |= ImGuiConfigFlags_NavEnableKeyboard;
        else
            flags &= ~ImGuiConfigFlags_NavEnableKeyboard;
        screen_.begin_frame();
        watchdog_.begin();
        if (keys_.take_close_popups()) ImGui::ClosePopupToLevel(0, true);
        watch_mouse();
        wake_after_ = 1e9;
        update_status();
        with_frame([&](Frame& f) {
            files_.poll(f);
            for (const Tool* tool : tools())
                if (tool->poll) tool->poll(f);
            if (const auto paths = std::exchange(dropped_, {}); !paths.empty() && !offer(f, FilesDropped{paths}))
                open_files(f, paths);
        });
        update_status();
        update_chain();
        with_frame([&](Frame& f) {
            for (const Action* action : keys_.take_actions()) convlens::run(f, *action);
            draw_window(f);
        });
        wake_after_ = std::min(wake_after_, tooltip_delay());
        const bool sent = submit();
        watchdog_.end();
        held_ = sent && !held_ && !in_browser && (edit_sent_ || ImGui::GetActiveID() != 0) && shown_ &&
                shown_->forward_ms < 500 * max_hold;
        if (held_) return ImGui::EndFrame();
        screen_.show(view_.light, view_.vision, textures_.uploads());
        if (!screen_.shows_vision()) {
            view_.vision = ColorVision::usual;
            show_error(sentence("the OpenGL driver can't simulate colors"));
        }
        if (text_wanted_) read_screen();
        write_map();
    }

    /// Runs `part` on a draft of the document, then applies its changes and requests.
    template <class Part>
    void with_frame(const Part& part) {
        Document draft = history_.now();
        Frame f = frame_of(draft);
        part(f);
        update_history(draft);
        apply_requests();
    }

    /// Returns the Frame for a draft.
    Frame frame_of(Document& draft) {
        return {draft,     view_,    states_,   shown_ ? &*shown_ : nullptr,
                status_,   chain_,   textures_, assets_,
                settings_, backend_, requests_, map_};
    }

    /// Computes the layers for the layer cards if the document has changed. They exist at once, even if the document
    /// can't be evaluated.
    void update_chain() {
        const Document& now = history_.now();
        const Shape input = shown_ ? shown_->input_shape : Shape{1, 3, 224, 224};
        if (chain_of_ && *chain_of_ == now && chain_input_ == input && chain_language_ == current_language()) return;
        chain_of_ = now;
        chain_input_ = input;
        chain_language_ = current_language();
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

    /// Copies the status of the workers for the panels.
    void update_status() {
        const bool busy = show_.busy();
        if (busy && !status_.busy) busy_since_ = Clock::now();
        status_.busy = busy;
        status_.busy_seconds = busy ? std::chrono::duration<double>(Clock::now() - busy_since_).count() : 0;
        status_.fullscreen = screen_.fullscreen();
        status_.closing = signals_.requested()                  ? Closing::signal
                          : glfwWindowShouldClose(handle_) != 0 ? Closing::asked
                                                                : Closing::no;
        status_.loading = files_.opening();
        status_.writing = files_.writing();
        status_.not_saved = printable(files_.failure());
        status_.progress = show_.progress();
        status_.undo_depth = history_.undo_depth();
        status_.redo_depth = history_.redo_depth();
    }

    /// Stores the draft. All changes by the same active widget are one undo step; Requests::step closes a step, too.
    void update_history(const Document& draft) {
        const ImGuiID active = ImGui::GetActiveID();
        if (active != active_ || requests_.step) history_.commit();
        active_ = active;
        if (!(draft == history_.now())) history_.preview(draft);
        if (active == 0 || requests_.step) history_.commit();
        if (requests_.step) clear_error();
    }

    /// Takes the text on the screen when the menu that asked for it is closed.
    void read_screen() {
        redraw_ = true;
        if (--text_frames_ > 0) return;
        Document now = history_.now();
        Frame f = frame_of(now);
        take_screen_text(f, *std::exchange(text_wanted_, {}));
    }

    /// Fulfills the requests of the panels.
    void apply_requests() {
        for (; requests_.undo > 0; --requests_.undo) history_.undo();
        for (; requests_.redo > 0; --requests_.redo) history_.redo();
        if (requests_.quit) glfwSetWindowShouldClose(handle_, 1);
        // What could not be saved must be seen.
        if (requests_.stay || (status_.closing == Closing::asked && !requests_.error.empty()))
            glfwSetWindowShouldClose(handle_, 0);
        else
            close_now_ |= requests_.close_now;
        if (!requests_.copy.empty()) {
            ImGui::SetClipboardText(requests_.copy.c_str());
            status_.note = tr("copied"), noted_at_ = history_.now();
        }
        if (requests_.screen_text) text_wanted_ = requests_.screen_text, text_frames_ = 3;
        if (requests_.fullscreen && *requests_.fullscreen != screen_.fullscreen()) screen_.toggle_fullscreen();
        if (requests_.measure) measure(true);
        if (requests_.clear_error) clear_error();
        if (!requests_.note.empty()) status_.note = printable(requests_.note), noted_at_ = history_.now();
        if (!requests_.error.empty()) show_error(requests_.error);
        redraw_ |= requests_.redraw;
        wake_after_ = std::min(wake_after_, requests_.wake_after);
        files_.submit(requests_, history_.now());
        requests_ = {};
    }

    /// Sends the document and the tools' requests to the evaluate worker if they have changed, and returns whether it
    /// has.
    bool submit() {
        if (view_.grid.area.w == 0) return false;
        Document now = history_.now();
        Frame f = frame_of(now);
        std::vector<Value> wants;
        for (const Tool* tool : tools()) wants.push_back(tool->want ? tool->want(f) : Value());
        Document document = history_.now();
        for (const Tool* tool : tools())
            if (tool->document) document = tool->document(states_, document);
        auto request = std::make_shared<const RenderRequest>(
            RenderRequest{std::move(document), history_.now(), view_.grid, view_.pointed(), view_.use, measure_,
                          measure_any_, std::move(wants), std::string(current_language())});
        if (submitted_ && *submitted_ == *request) {
            measure_when_idle();
            return false;
        }
        edit_sent_ = submitted_ && !(submitted_->edited == request->edited);
        submitted_ = request;
        show_.submit(request);
        return true;
    }

    /// Requests a measurement of both backends.
    void measure(bool any_driver) {
        ++measure_;
        measure_any_ = any_driver;
    }

    /// Requests a measurement if the backend is chosen automatically and the speeds for this document are not known
    /// yet.
    void measure_when_idle() {
        if (view_.use == BackendUse::automatic && shown_ && !shown_->comparison && !show_.busy() && !status_.outdated &&
            shown_->request.edited == history_.now())
            measure(false);
    }

    /// Writes the times between frames for tests: mean and maximum of the last 30, in milliseconds; and the longest
    /// time that the work on a frame has taken without OpenGL.
    void write_pace() {
        const auto now = Clock::now();
        gaps_.push_back(std::chrono::duration<double, std::milli>(now - drawn_).count());
        drawn_ = now;
        if (gaps_.size() > 30) gaps_.erase(gaps_.begin());
        map_.state("pace",
                   fmt::format("{:.1f} {:.1f}",
                               std::accumulate(gaps_.begin(), gaps_.end(), 0.0) / static_cast<double>(gaps_.size()),
                               *std::max_element(gaps_.begin(), gaps_.end())));
        map_.state("drawn", fmt::format("{}", screen_.drawn()));
        map_.state("slowest", fmt::format("{:.1f}", watchdog_.longest_ms()));
    }

    /// Writes the texts on the screen, for tests of other languages than English: whether a panel begins, the room that
    /// is left on the right, and the text.
    void write_texts() {
        if (current_language() == languages.front().code) return;
        int number = 0;
        for (const DrawnText& text : drawn_texts(*ImGui::GetDrawData()))
            map_.state(fmt::format("text.{:04}", number++),
                       fmt::format("{:d} {:.0f} {:.0f} {:.0f} {:.1f} {}", text.first_of_panel, text.x0, text.y, text.x1,
                                   text.room, text.text));
    }

    /// Writes the UI map of this frame.
    void write_map() {
        if (!map_.enabled()) return;
        write_pace();
        map_.state("busy", working() ? "1" : "0");
        map_.state("undo_depth", fmt::format("{}", history_.undo_depth()));
        map_.state("undo_dropped", fmt::format("{}", history_.dropped()));
        Document now = history_.now();
        Frame f = frame_of(now);
        write_states(f);
        write_texts();
        map_.write_frame();
    }

    Screen& screen_;
    GLFWwindow* handle_;
    QuitSignals signals_{wake_window};  ///< Declared before the other members, so that it is destroyed after them.
    const BackendChoice backend_;
    History<Document, StoredDocument> history_;
    View view_;
    UiMap map_;
    Assets assets_;
    Settings settings_;
    Status status_;
    Requests requests_;
    std::optional<ScreenText> text_wanted_;  ///< What is to happen to the text on the screen after text_frames_ frames.
    int text_frames_ = 0;
    std::optional<RenderResult> shown_;
    std::shared_ptr<const RenderRequest> submitted_;
    bool edit_sent_ = false;  ///< Whether the document has changed in the last request.
    bool held_ = false;       ///< Whether the last frame was not drawn, because an answer is about to come.
    int measure_ = 0;
    bool measure_any_ = false;
    Chain chain_;
    std::optional<Document> chain_of_;  ///< The document for which chain_ was computed.
    Shape chain_input_;                 ///< The input shape for which chain_ was computed.
    std::string chain_language_;        ///< Code of the language of its error.
    /// The document when the last error was shown; nullopt if the error was an evaluation's.
    std::optional<Document> error_at_;
    std::optional<Document> noted_at_;  ///< The document when Status::note was set; the note is about no other one.
    TextureCache textures_;
    Clock::time_point busy_since_;
    ImGuiID active_ = 0;
    MousePointer pointer_;
    Keys keys_;
    std::vector<std::string> dropped_;  ///< Files dropped since the last frame.
    int frames_left_ = 5;  ///< Number of frames to draw after an event: Dear ImGui needs two to reach its final state.
    bool redraw_ = false;
    bool close_now_ = false;
    double wake_after_ = 0;  ///< Seconds until the next frame if nothing happens.
    float applied_scale_ = 0;
    bool applied_light_ = false;
    float display_scale_ = 1;  ///< Scale factor of the display, as GLFW reports it.
    Worker<RenderRequest, Expected<RenderResult>> show_;
    Files files_;
    States states_;
    Watchdog watchdog_{std::chrono::milliseconds(100)};
    std::vector<double> gaps_;  ///< Times between the last frames in milliseconds.
    Clock::time_point drawn_;
    // Used only in the browser: the time and the size of the canvas of the last frame.
    Clock::time_point stepped_;
    std::pair<int, int> canvas_;
    [[maybe_unused]] bool started_ = false;  ///< Whether page::started() was called.
};

}  // namespace

Expected<void> run_window(const Document& document, const WindowOptions& options, const BackendChoice& backend) {
    auto screen = Screen::open(options);
    if (!screen) return tl::unexpected(screen.error());
#ifdef __EMSCRIPTEN__
    // main() returns to the browser, which draws as long as the page is open.
    static Screen* const kept = new Screen(std::move(*screen));
    emscripten_set_main_loop_arg([](void* window) { static_cast<Window*>(window)->run_in_browser(); },
                                 new Window(*kept, document, options, backend), 0, false);
    return {};
#else
    return Window(*screen, document, options, backend).run();
#endif
}

}  // namespace convlens
