/// The table of actions.
#include "app/ui/actions.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <cmath>

#include "app/ui/panels.h"

namespace convlens {
namespace {

constexpr int ctrl = GLFW_MOD_CONTROL, shift = GLFW_MOD_SHIFT, alt = GLFW_MOD_ALT;

bool always(const Frame&) { return true; }
bool has_picture(const Frame& f) { return f.shown != nullptr; }

bool has_batch(const Frame& f) { return f.shown && f.shown->output_shape.n > 1; }

void step_item(Frame& f, int by) {
    f.draft.look.item = std::clamp(f.draft.look.item + by, 0, f.shown->output_shape.n - 1);
}

void show_all(Frame& f) {
    f.view.grid.enlarged.reset();
    f.view.grid.zoom = 1;
    f.view.grid.center = {0.5F, 0.0F};
}

/// Esc: one level back, from what lies on top to what lies below.
void back(Frame& f) {
    View& v = f.view;
    if (v.help) {
        v.help = false;
    } else if (v.exporting.open) {
        v.exporting.open = false;
    } else if (v.backends) {
        v.backends = false;
    } else if (v.palette.open) {
        v.palette.open = false;
    } else if (v.browser.open) {
        v.browser.open = false;
    } else if (v.tool == Tool::compare && v.compare.channel) {
        v.compare.channel.reset();
    } else if (v.lecture.list) {
        v.lecture.list = false;
    } else if (v.tool != Tool::grid) {
        v.tool = Tool::grid;
    } else if (v.pin) {
        v.pin.reset();
    } else if (v.grid.enlarged || v.grid.zoom != 1) {
        show_all(f);
    } else {
        v.marked.reset();
        v.hover.reset();
    }
}

/// Enter: the marked cell alone, or all again.
void enlarge(Frame& f) {
    if (f.view.grid.enlarged) return show_all(f);
    f.view.grid.enlarged = f.view.marked ? *f.view.marked : f.shown->channels.front();
    f.view.marked = f.view.grid.enlarged;
    if (f.view.side == Side::why) f.view.side = Side::kernels;  // beside its kernel and histogram
    f.view.grid.zoom = 1;
}

/// The arrow keys: the value that is kept, or from cell to cell, or from value to value where one channel fills the
/// grid.
void move_cursor(Frame& f, int dx, int dy) {
    const Shown& s = *f.shown;
    View& v = f.view;
    if (v.tool == Tool::lab) {
        v.lab.shift = lab_shift(v.lab.setup, {v.lab.shift.h + dy, v.lab.shift.w + dx});
        return;
    }
    if (v.pin) {
        const Shape& shape = s.output_shape;
        v.pin =
            Spot{v.pin->channel, std::clamp(v.pin->y + dy, 0, shape.h - 1), std::clamp(v.pin->x + dx, 0, shape.w - 1)};
        return;
    }
    if (v.grid.enlarged) {
        const Shape& shape = s.output_shape;
        const Spot from = v.hover.value_or(Spot{*v.grid.enlarged, shape.h / 2, shape.w / 2});
        v.hover =
            Spot{*v.grid.enlarged, std::clamp(from.y + dy, 0, shape.h - 1), std::clamp(from.x + dx, 0, shape.w - 1)};
        v.by_keys = true;
        return;
    }
    const auto at = std::find(s.channels.begin(), s.channels.end(), v.marked.value_or(-1));
    const int count = static_cast<int>(s.channels.size());
    const int cell =
        at == s.channels.end()
            ? 0
            : std::clamp(static_cast<int>(at - s.channels.begin()) + dx + dy * s.layout.columns, 0, count - 1);
    v.marked = s.channels[static_cast<std::size_t>(cell)];
    const Rect r = s.layout.cell_rect(cell);
    const Rect seen = s.look.region.value_or(Rect{0, 0, s.layout.width(), s.layout.height()});
    if (r.y < seen.y || r.y + r.h > seen.y + seen.h)
        v.grid.center.y =
            (static_cast<float>(r.y) + static_cast<float>(r.h) / 2) / static_cast<float>(s.layout.height());
    if (r.x < seen.x || r.x + r.w > seen.x + seen.w)
        v.grid.center.x =
            (static_cast<float>(r.x) + static_cast<float>(r.w) / 2) / static_cast<float>(s.layout.width());
}

/// Space keeps the value under the cursor, or lets it go.
void pin(Frame& f) {
    View& v = f.view;
    if (v.pin && (!v.hover || v.hover == v.pin)) return v.pin.reset();
    const Shape& shape = f.shown->output_shape;
    v.pin = v.hover.value_or(Spot{v.marked.value_or(f.shown->channels.front()), shape.h / 2, shape.w / 2});
    v.marked = v.pin->channel;
    if (v.side == Side::kernels) v.side = Side::why;
}

bool has_reason(const Frame& f) { return f.shown && f.shown->why.explanation; }

void show_tool(Frame& f, Tool tool) {
    f.view.slide.playing = false;
    f.view.tool = f.view.tool == tool ? Tool::grid : tool;
}

/// The microscope of the value at hand, or of the middle of the first map.
void microscope(Frame& f) {
    if (!f.view.pin && f.view.tool != Tool::microscope) pin(f);
    show_tool(f, Tool::microscope);
}

/// The sliding window of the value at hand; its terms stand beside it.
void slide(Frame& f) {
    if (!f.view.pin && f.view.tool != Tool::slide) pin(f);
    f.view.side = Side::why;
    show_tool(f, Tool::slide);
}

/// The document is what later ones are compared with.
void keep_as_b(Frame& f) {
    f.view.compare.opponent.kind = Opponent::kept;
    f.view.compare.opponent.kept = f.draft;
}

/// A and B take turns in the same place.
void blink(Frame& f) { f.view.compare.page = f.view.compare.page == ComparePage::a ? ComparePage::b : ComparePage::a; }

bool has_lesson(const Frame& f) { return f.training.lesson != Lesson::none && !f.training.preparing; }

void play_lesson(Frame& f) {
    if (f.training.playing)
        f.requests.training = [](Training& t) { t.pause(); };
    else
        f.requests.training = [](Training& t) { t.play(); };
}

bool in_lab(const Frame& f) { return f.view.tool == Tool::lab; }
bool is_comparing(const Frame& f) { return f.view.tool == Tool::compare; }
bool is_sliding(const Frame& f) { return f.view.tool == Tool::slide; }

bool has_layers(const Frame& f) { return f.chain.plan.layers.size() > 1; }

void step_layer(Frame& f, int by) {
    const int last = static_cast<int>(f.chain.plan.runnable) - 1;
    f.draft.layer =
        f.chain.plan.layers[static_cast<std::size_t>(std::clamp(f.chain.plan.layer + by, 0, std::max(last, 0)))].name;
}

/// One convolution with that bank: kernels of other networks belong to their layers.
void choose_bank(Frame& f, decltype(Kernels::bank) bank) {
    if (!std::holds_alternative<ConvChain>(f.draft.network)) choose_network(f.draft, ConvChain{});
    choose_kernels(f.draft, std::move(bank));
}

void step(Size2& value, int by, int lowest) {
    value = {std::max(value.h + by, lowest), std::max(value.w + by, lowest)};
}

void step_padding(Frame& f, int by) {
    if (f.draft.conv.same) f.draft.conv.same = false;
    step(f.draft.conv.padding, by, 0);
}

void zoom(Frame& f, float by) { f.view.grid.zoom = std::clamp(f.view.grid.zoom * by, 0.25F, 64.0F); }

void scale_ui(Frame& f, float to) { f.view.ui_scale = std::clamp(to, 1.0F, 3.0F); }

bool one_convolution(const Frame& f) { return std::holds_alternative<ConvChain>(f.draft.network); }
bool can_be_random(const Frame& f) {
    return !one_convolution(f) || std::holds_alternative<RandomKernels>(f.draft.kernels.bank);
}

/// The next seed, or random weights in place of a file's.
void draw_again(Frame& f) {
    if (auto* layered = std::get_if<LayeredNetwork>(&f.draft.network)) {
        const auto* random = std::get_if<RandomWeights>(&layered->weights);
        layered->weights = RandomWeights{random ? random->seed + 1 : 1};
    } else {
        ++std::get<RandomKernels>(f.draft.kernels.bank).seed;
    }
}

bool has_lecture(const Frame& f) { return f.view.lecture.lecture.has_value(); }

// clang-format off
constexpr Action table[] = {
    {"open", "Open images or kernels ...", Menu::file, {{{'O', ctrl}}}, always, [](Frame& f) { f.view.browser.open = true; }},
    {"save", "Save grid as PNG", Menu::file, {{{'E', ctrl}}}, has_picture, [](Frame& f) { export_now(f, false); }},
    {"export", "Export ...", Menu::file, {{{'E', ctrl | shift}}}, has_picture, open_export},
    {"save.session", "Save session", Menu::file, {{{'S', ctrl}}}, always, [](Frame& f) { f.requests.save_session = true; }},
    {"save.weights", "Save weights as .safetensors", Menu::file, {{}}, has_picture, [](Frame& f) { f.requests.save_weights = true; }},
    {"quit", "Quit", Menu::file, {{{'Q', ctrl}}}, always, [](Frame& f) { f.requests.quit = true; }},

    {"undo", "Undo", Menu::edit, {{{'Z', ctrl}}}, [](const Frame& f) { return f.status.undo_depth > 0; }, [](Frame& f) { ++f.requests.undo; }},
    {"redo", "Redo", Menu::edit, {{{'Z', ctrl | shift}, {'Y', ctrl}}}, [](const Frame& f) { return f.status.redo_depth > 0; }, [](Frame& f) { ++f.requests.redo; }},

    {"copy.why", "Copy the value's terms as text", Menu::edit, {{{'C', ctrl}}}, has_reason, [](Frame& f) { f.requests.copy = to_text(*f.shown->why.explanation); }},

    {"copy.grid", "Copy the grid as an image", Menu::edit, {{{'C', ctrl | shift}}}, has_picture, [](Frame& f) { export_now(f, true); }},
    {"copy.torch", "Copy as PyTorch", Menu::edit, {{}}, has_picture, [](Frame& f) { f.requests.code = false; }},
    {"copy.numpy", "Copy as NumPy", Menu::edit, {{}}, has_picture, [](Frame& f) { f.requests.code = true; }},

    {"edges", "Edge filters", Menu::kernels, {{{'1', ctrl}}}, always, [](Frame& f) { choose_bank(f, EdgeKernels{}); }},
    {"random", "Random kernels", Menu::kernels, {{{'2', ctrl}}}, always, [](Frame& f) { choose_bank(f, RandomKernels{}); }},
    {"alexnet", "AlexNet's first layer", Menu::kernels, {{{'3', ctrl}}}, always, [](Frame& f) {
         if (!std::holds_alternative<ConvChain>(f.draft.network)) choose_network(f.draft, ConvChain{});
         f.requests.weights = "alexnet";
     }},
    {"edit", "Edit the marked kernel", Menu::kernels, {{{'k', 0}}}, has_picture, [](Frame& f) {
         f.view.panels = true;
         f.view.tool = Tool::grid;
         f.view.side = f.view.side == Side::edit ? Side::kernels : Side::edit;
     }},
    {"train", "Train kernels", Menu::kernels, {{{'n', 0}}}, has_picture, [](Frame& f) {
         f.view.panels = true;
         f.view.tool = Tool::grid;
         f.view.side = f.view.side == Side::train ? Side::kernels : Side::train;
     }},
    {"train.play", "Training: play or pause", Menu::kernels, {{{'r', 0}}}, has_lesson, play_lesson},
    {"train.step", "Training: one step", Menu::kernels, {}, has_lesson, [](Frame& f) { f.requests.training = [](Training& t) { t.single_step(); }; }},
    {"train.reset", "Training: back to the start", Menu::kernels, {}, has_lesson, [](Frame& f) { f.requests.training = [seed = static_cast<std::uint32_t>(f.view.train.seed)](Training& t) { t.reset(seed); }; }},
    {"train.replay", "Training: watch again", Menu::kernels, {}, has_lesson, [](Frame& f) { f.requests.training = [](Training& t) { t.replay(); }; }},
    {"train.use", "Training: use these weights", Menu::kernels, {}, has_lesson, [](Frame& f) { f.requests.use_trained = true; }},
    {"train.end", "Training: end the lesson", Menu::kernels, {}, has_lesson, [](Frame& f) { f.requests.training = [](Training& t) { t.stop(); }; }},
    {"train.filter", "Lesson: learn a filter", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::filter); }},
    {"train.largenet", "Lesson: LargeNet", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::largenet); }},
    {"train.patterns", "Lesson: filters from this image", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::patterns); }},
    {"train.features", "Lesson: train on features", Menu::kernels, {}, has_picture, [](Frame& f) { begin_lesson(f, Lesson::features); }},
    {"again", "New random kernels or weights", Menu::kernels, {{{'R', ctrl}}}, can_be_random, draw_again},
    {"grey", "Grey image on or off", Menu::kernels, {{{'g', 0}}}, always, [](Frame& f) { f.draft.input.gray = !f.draft.input.gray; }},

    {"stride+", "Larger stride", Menu::layer, {{{'s', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.stride, 1, 1); }},
    {"stride-", "Smaller stride", Menu::layer, {{{'S', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.stride, -1, 1); }},
    {"padding+", "More padding", Menu::layer, {{{'p', 0}}}, one_convolution, [](Frame& f) { step_padding(f, 1); }},
    {"padding-", "Less padding", Menu::layer, {{{'P', 0}}}, one_convolution, [](Frame& f) { step_padding(f, -1); }},
    {"dilation+", "Larger dilation", Menu::layer, {{{'d', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.dilation, 1, 1); }},
    {"dilation-", "Smaller dilation", Menu::layer, {{{'D', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.dilation, -1, 1); }},
    {"flip", "Convolution or correlation", Menu::layer, {{{'f', 0}}}, one_convolution, [](Frame& f) { f.draft.conv.flip = !f.draft.conv.flip; }},

    {"layer-", "Previous layer", Menu::layer, {{{',', 0}}}, has_layers, [](Frame& f) { step_layer(f, -1); }},
    {"layer+", "Next layer", Menu::layer, {{{'.', 0}}}, has_layers, [](Frame& f) { step_layer(f, 1); }},
    {"largenet", "LargeNet", Menu::layer, {{{'4', ctrl}}}, always, [](Frame& f) { f.requests.network = "largenet"; }},
    {"alexnet.all", "AlexNet, all layers", Menu::layer, {{{'5', ctrl}}}, always, [](Frame& f) { f.requests.network = "alexnet"; }},
    {"conv", "One convolution", Menu::layer, {{{'6', ctrl}}}, always, [](Frame& f) { choose_network(f.draft, ConvChain{}); }},

    {"scale.1", "Scale: each channel by itself", Menu::grid, {{{'1', 0}}}, always, [](Frame& f) { f.draft.look.scale.mode = ScaleMode::per_channel; }},
    {"scale.2", "Scale: all channels alike", Menu::grid, {{{'2', 0}}}, always, [](Frame& f) { f.draft.look.scale.mode = ScaleMode::shared; }},
    {"scale.3", "Scale: all alike, about zero", Menu::grid, {{{'3', 0}}}, always, [](Frame& f) { f.draft.look.scale.mode = ScaleMode::symmetric; }},
    {"scale.4", "Scale: each about zero", Menu::grid, {{{'4', 0}}}, always, [](Frame& f) { f.draft.look.scale.mode = ScaleMode::per_channel_symmetric; }},
    {"scale.5", "Scale: fixed", Menu::grid, {{{'5', 0}}}, always, [](Frame& f) { f.draft.look.scale.mode = ScaleMode::fixed; }},
    {"colours.6", "Colours: viridis", Menu::grid, {{{'6', 0}}}, always, [](Frame& f) { f.draft.look.colormap = Colormap::viridis; }},
    {"colours.7", "Colours: magma", Menu::grid, {{{'7', 0}}}, always, [](Frame& f) { f.draft.look.colormap = Colormap::magma; }},
    {"colours.8", "Colours: gray", Menu::grid, {{{'8', 0}}}, always, [](Frame& f) { f.draft.look.colormap = Colormap::gray; }},
    {"colours.9", "Colours: coolwarm", Menu::grid, {{{'9', 0}}}, always, [](Frame& f) { f.draft.look.colormap = Colormap::coolwarm; }},
    {"left", "Cursor to the left", Menu::grid, {{{GLFW_KEY_LEFT, 0}}}, has_picture, [](Frame& f) { move_cursor(f, -1, 0); }},
    {"right", "Cursor to the right", Menu::grid, {{{GLFW_KEY_RIGHT, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 1, 0); }},
    {"up", "Cursor up", Menu::grid, {{{GLFW_KEY_UP, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 0, -1); }},
    {"down", "Cursor down", Menu::grid, {{{GLFW_KEY_DOWN, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 0, 1); }},
    {"pin", "Keep the value, or let go", Menu::grid, {{{GLFW_KEY_SPACE, 0}}}, has_picture, pin},
    {"enlarge", "Marked channel alone, or all", Menu::grid, {{{GLFW_KEY_ENTER, 0}, {GLFW_KEY_KP_ENTER, 0}}}, has_picture, enlarge},
    {"back", "One step back", Menu::grid, {{{GLFW_KEY_ESCAPE, 0}}}, always, back},
    {"zoom+", "Zoom in", Menu::grid, {{{'+', 0}}}, has_picture, [](Frame& f) { zoom(f, 1.25F); }},
    {"zoom-", "Zoom out", Menu::grid, {{{'-', 0}}}, has_picture, [](Frame& f) { zoom(f, 0.8F); }},
    {"fit", "Fit the grid", Menu::grid, {{{GLFW_KEY_HOME, 0}, {'0', 0}}}, has_picture, show_all},
    {"item-", "Previous item of the batch", Menu::grid, {{{'[', 0}}}, has_batch, [](Frame& f) { step_item(f, -1); }},
    {"item+", "Next item of the batch", Menu::grid, {{{']', 0}}}, has_batch, [](Frame& f) { step_item(f, 1); }},

    {"microscope", "Microscope", Menu::view, {{{'m', 0}}}, has_picture, microscope},
    {"slide", "Sliding window", Menu::view, {{{'w', 0}}}, has_picture, slide},
    {"slide.play", "Sliding window: play or pause", Menu::view, {{{'y', 0}}}, is_sliding, [](Frame& f) { f.view.slide.playing = !f.view.slide.playing; }},
    {"lab", "Why convolutions: the weight-sharing lab", Menu::view, {{{'l', 0}}}, always, [](Frame& f) { show_tool(f, Tool::lab); }},
    {"lab.tie", "Lab: tie the weights, or part them", Menu::view, {{{'t', 0}}}, in_lab, [](Frame& f) { f.view.lab.setup.tied = !f.view.lab.setup.tied; }},
    {"compare", "Compare two banks or layers", Menu::view, {{{'c', 0}}}, has_picture, [](Frame& f) { show_tool(f, Tool::compare); }},
    {"compare.blink", "Compare: swap A and B in place", Menu::view, {{{'b', 0}}}, is_comparing, blink},
    {"compare.keep", "Compare: keep what is on screen as B", Menu::view, {{}}, has_picture, keep_as_b},
    {"features", "Features: pictures as points", Menu::view, {{{'e', 0}}}, always, [](Frame& f) { show_tool(f, Tool::features); }},
    {"panels", "Side panels", Menu::view, {{{GLFW_KEY_TAB, 0}}}, always, [](Frame& f) { f.view.panels = !f.view.panels; }},
    {"theme", "Light or dark theme", Menu::view, {{{'L', ctrl}}}, always, [](Frame& f) { f.view.light = !f.view.light; }},
    {"larger", "Larger text and controls", Menu::view, {{{'=', ctrl}, {'+', ctrl}}}, always, [](Frame& f) { scale_ui(f, f.view.ui_scale + 0.25F); }},
    {"smaller", "Smaller text and controls", Menu::view, {{{'-', ctrl}}}, always, [](Frame& f) { scale_ui(f, f.view.ui_scale - 0.25F); }},
    {"normal", "Text and controls at 100 %", Menu::view, {{{'0', ctrl}}}, always, [](Frame& f) { scale_ui(f, 1.0F); }},
    {"backends", "CPU or OpenGL ...", Menu::view, {{{'G', ctrl}}}, has_picture, [](Frame& f) { f.view.backends = !f.view.backends; }},
    {"backend.auto", "Compute where it is faster", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::automatic; }},
    {"backend.cpu", "Compute on the CPU", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::cpu; }},
    {"backend.gl", "Compute with OpenGL", Menu::view, {}, has_picture, [](Frame& f) { f.view.use = BackendUse::gl; }},
    {"fullscreen", "Full screen", Menu::view, {{{GLFW_KEY_F11, 0}}}, always, [](Frame& f) { f.requests.fullscreen = true; }},

    {"lecture", "Lecture mode", Menu::lecture, {{{GLFW_KEY_F5, 0}}}, always, [](Frame& f) { f.requests.lecture_mode = true; }},
    {"scene+", "Next scene", Menu::lecture, {{{GLFW_KEY_PAGE_DOWN, 0}}}, has_lecture, [](Frame& f) { f.requests.scene = f.view.lecture.scene + 1; }},
    {"scene-", "Scene before", Menu::lecture, {{{GLFW_KEY_PAGE_UP, 0}}}, has_lecture, [](Frame& f) { f.requests.scene = f.view.lecture.scene - 1; }},
    {"scene", "The scene as it was", Menu::lecture, {{{GLFW_KEY_BACKSPACE, 0}}}, has_lecture, [](Frame& f) { f.requests.scene = f.view.lecture.scene; }},
    {"scenes", "List of scenes", Menu::lecture, {{{GLFW_KEY_F6, 0}}}, always, [](Frame& f) { f.view.lecture.list = !f.view.lecture.list; }},
    {"capture", "Add this scene", Menu::lecture, {{{GLFW_KEY_F7, 0}}}, has_picture, [](Frame& f) { f.requests.capture_scene = true; }},
    {"save.lecture", "Save lecture", Menu::lecture, {{}}, has_lecture, [](Frame& f) { f.requests.save_lecture = true; }},
    {"spotlight", "Spotlight round the pointer", Menu::lecture, {{{GLFW_KEY_F8, 0}}}, always, [](Frame& f) { f.view.lecture.spotlight = !f.view.lecture.spotlight; }},

    {"palette", "Do anything ...", Menu::help, {{{'P', ctrl}}}, always, [](Frame& f) { f.view.palette = {true, "", 0}; }},
    {"help", "Keys and mouse", Menu::help, {{{'?', 0}, {GLFW_KEY_F1, 0}}}, always, [](Frame& f) { f.view.help = !f.view.help; }},
};
// clang-format on

constexpr bool no_clash() {
    for (const Action& a : table)
        for (const Action& b : table)
            for (const Chord& x : a.chords)
                for (const Chord& y : b.chords)
                    if (&x != &y && x.key != 0 && x == y) return false;
    return true;
}
static_assert(no_clash(), "two actions share a shortcut");

}  // namespace

std::string to_string(Chord chord) {
    if (chord.key == 0) return "";
    std::string text;
    if (chord.mods & ctrl) text += "Ctrl+";
    if (chord.mods & alt) text += "Alt+";
    if (chord.mods & shift) text += "Shift+";
    constexpr struct {
        int key;
        const char* name;
    } names[] = {{GLFW_KEY_LEFT, "Left"},
                 {GLFW_KEY_RIGHT, "Right"},
                 {GLFW_KEY_UP, "Up"},
                 {GLFW_KEY_DOWN, "Down"},
                 {GLFW_KEY_ENTER, "Enter"},
                 {GLFW_KEY_KP_ENTER, "Keypad Enter"},
                 {GLFW_KEY_ESCAPE, "Esc"},
                 {GLFW_KEY_HOME, "Home"},
                 {GLFW_KEY_TAB, "Tab"},
                 {GLFW_KEY_SPACE, "Space"},
                 {GLFW_KEY_PAGE_UP, "Page Up"},
                 {GLFW_KEY_PAGE_DOWN, "Page Down"},
                 {GLFW_KEY_BACKSPACE, "Backspace"},
                 {GLFW_KEY_F5, "F5"},
                 {GLFW_KEY_F6, "F6"},
                 {GLFW_KEY_F7, "F7"},
                 {GLFW_KEY_F8, "F8"},
                 {GLFW_KEY_F1, "F1"},
                 {GLFW_KEY_F11, "F11"}};
    for (const auto& [key, name] : names)
        if (key == chord.key) return text + name;
    const char character = static_cast<char>(chord.key);
    if (chord.mods == 0 && character >= 'A' && character <= 'Z') text += "Shift+";
    return text + (character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character);
}

std::span<const Action> actions() { return table; }

const Action* action_for(Chord chord) {
    for (const Action& action : table)
        for (const Chord& known : action.chords)
            if (chord.key != 0 && known == chord) return &action;
    return nullptr;
}

}  // namespace convlens
