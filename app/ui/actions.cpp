/// The actions that belong to no tool, and the table of all actions.
#include "app/ui/actions.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "app/settings.h"
#include "app/ui/frame.h"
#include "app/ui/language.h"
#include "app/ui/menu.h"
#include "app/ui/paste.h"
#include "app/ui/scene_view.h"
#include "app/ui/tool.h"
#include "app/web/page.h"

namespace convlens {
namespace {

constexpr int ctrl = GLFW_MOD_CONTROL, shift = GLFW_MOD_SHIFT, alt = GLFW_MOD_ALT;

bool always(const Frame&) { return true; }
bool has_picture(const Frame& f) { return f.shown != nullptr; }

bool has_batch(const Frame& f) { return f.shown && f.shown->output_shape.n > 1; }

void step_item(Frame& f, int by) {
    f.draft.display.item = std::clamp(f.draft.display.item + by, 0, f.shown->output_shape.n - 1);
}

/// Shows all cells at zoom 1.
void show_all(Frame& f) {
    f.view.grid.enlarged.reset();
    f.view.grid.zoom = 1;
    f.view.grid.center = {0.5F, 0.0F};
}

/// Esc: closes or resets one thing, in this order: the overlay, the state of the tool in the central panel, that tool,
/// the pinned value, the zoom, the selection.
void back(Frame& f) {
    View& v = f.view;
    if (v.overlay) {
        v.overlay = nullptr;
    } else if (v.tool->handle && v.tool->handle(f, Back{})) {
        return;
    } else if (v.tool != &grid_tool) {
        v.tool = &grid_tool;
    } else if (v.pin) {
        v.pin.reset();
    } else if (v.grid.enlarged || v.grid.zoom != 1) {
        show_all(f);
    } else {
        v.selected.reset();
        v.hover.reset();
    }
}

/// Enter: enlarges the selected channel (or the first one) to the whole area, or shows all cells again.
void enlarge(Frame& f) {
    if (f.view.grid.enlarged) return show_all(f);
    f.view.grid.enlarged = f.view.selected ? *f.view.selected : f.shown->channels.front();
    f.view.selected = f.view.grid.enlarged;
    if (f.view.side == &microscope_tool) f.view.side = &kernels_tool;  // shows the kernel and the histogram beside it
    f.view.grid.zoom = 1;
}

/// The arrow keys. If the tool in the central panel does not handle them, they move the pinned value, or else the
/// cursor: from value to value if a channel is enlarged, otherwise from cell to cell.
void move_cursor(Frame& f, int dx, int dy) {
    const RenderResult& s = *f.shown;
    View& v = f.view;
    if (v.tool->handle && v.tool->handle(f, Arrow{dx, dy})) return;
    if (v.pin) {
        const Shape& shape = s.output_shape;
        v.pin = PixelPosition{v.pin->channel, std::clamp(v.pin->y + dy, 0, shape.h - 1),
                              std::clamp(v.pin->x + dx, 0, shape.w - 1)};
        return;
    }
    if (v.grid.enlarged) {
        const Shape& shape = s.output_shape;
        const PixelPosition from = v.hover.value_or(PixelPosition{*v.grid.enlarged, shape.h / 2, shape.w / 2});
        v.hover = PixelPosition{*v.grid.enlarged, std::clamp(from.y + dy, 0, shape.h - 1),
                                std::clamp(from.x + dx, 0, shape.w - 1)};
        v.by_keys = true;
        return;
    }
    const auto at = std::find(s.channels.begin(), s.channels.end(), v.selected.value_or(-1));
    const int count = static_cast<int>(s.channels.size());
    const int cell =
        at == s.channels.end()
            ? 0
            : std::clamp(static_cast<int>(at - s.channels.begin()) + dx + dy * s.layout.columns, 0, count - 1);
    v.selected = s.channels[static_cast<std::size_t>(cell)];
    const Rect r = s.layout.cell_rect(cell);
    const Rect seen = s.display.region.value_or(Rect{0, 0, s.layout.width(), s.layout.height()});
    if (r.y < seen.y || r.y + r.h > seen.y + seen.h)
        v.grid.center.y =
            (static_cast<float>(r.y) + static_cast<float>(r.h) / 2) / static_cast<float>(s.layout.height());
    if (r.x < seen.x || r.x + r.w > seen.x + seen.w)
        v.grid.center.x =
            (static_cast<float>(r.x) + static_cast<float>(r.w) / 2) / static_cast<float>(s.layout.width());
}

bool has_layers(const Frame& f) { return f.chain.plan.layers.size() > 1; }

void step_layer(Frame& f, int by) {
    const int last = static_cast<int>(f.chain.plan.runnable) - 1;
    f.draft.layer =
        f.chain.plan.layers[static_cast<std::size_t>(std::clamp(f.chain.plan.layer + by, 0, std::max(last, 0)))].name;
}

/// Selects these kernels, and a single convolution as the network, because the kernels of other networks belong to
/// their layers.
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

bool has_batch_norm(const Frame& f) {
    const auto* layered = std::get_if<LayeredNetwork>(&f.draft.network);
    return layered && std::ranges::any_of(layered->architecture->layers, [](const LayerSpec& layer) {
               return std::holds_alternative<BatchNorm2dSpec>(layer.operation);
           });
}

/// Folds batch normalization on a worker thread: all weights are copied.
void fold(Frame& f) {
    f.requests.open.push_back({Opens::network, [](const Document& now) { return fold_job(now); }});
}

/// Generates new random kernels or weights with the next seed. Replaces loaded weights of a network by random ones.
void draw_again(Frame& f) {
    if (auto* layered = std::get_if<LayeredNetwork>(&f.draft.network)) {
        const auto* random = std::get_if<RandomWeights>(&layered->weights);
        layered->weights = RandomWeights{random ? random->seed + 1 : 1};
    } else {
        ++std::get<RandomKernels>(f.draft.kernels.bank).seed;
    }
}

void save_session(Frame& f) {
    enqueue(f, save_job(f.draft, scene_now(f.view, f.states), suggested_path(f.draft.input, "-session", ".json")),
            Saves::session);
}

/// Shows the window in a language, also after the next start.
void choose_language(Frame& f, std::size_t index) {
    const std::string code = languages[index].code;
    if (auto ok = use_language(f.assets, code); !ok) {
        f.requests.error = ok.error().message;
        return;
    }
    f.settings.language = code;
    keep_settings(f);
}

/// Shows the window as people with this color vision see it.
template <ColorVision vision>
void see_as(Frame& f) {
    f.view.vision = vision;
    f.requests.note =
        tr(vision == ColorVision::usual ? "the colors are as they are"
                                        : "the colors of the window are simulated; exports are not changed");
}

// clang-format off
/// Actions that precede the tools' actions in their menus.
constexpr Action first[] = {
    {"undo", "Undo", Menu::edit, {{{'Z', ctrl}}}, [](const Frame& f) { return f.status.undo_depth > 0; }, [](Frame& f) { ++f.requests.undo; }},
    {"redo", "Redo", Menu::edit, {{{'Z', ctrl | shift}, {'Y', ctrl}}}, [](const Frame& f) { return f.status.redo_depth > 0; }, [](Frame& f) { ++f.requests.redo; }},
    {"paste", "Paste an image, files or a kernel", Menu::edit, {{{'V', ctrl}}}, always, paste_clipboard},

    {"copy.text", "Copy the text on the screen", Menu::edit, {{}}, always, [](Frame& f) { f.requests.screen_text = ScreenText::copied; }},

    {"edges", "Edge filters", Menu::kernels, {{{'1', ctrl}}}, always, [](Frame& f) { choose_bank(f, EdgeKernels{}); }},
    {"random", "Random kernels", Menu::kernels, {{{'2', ctrl}}}, always, [](Frame& f) { choose_bank(f, RandomKernels{}); }},
    {"alexnet", "AlexNet's first layer", Menu::kernels, {{{'3', ctrl}}}, always, [](Frame& f) { load(f, Opens::network, weights_job("alexnet", std::nullopt)); }},

    {"stride+", "Increase stride", Menu::layer, {{{'s', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.stride, 1, 1); }},
    {"stride-", "Decrease stride", Menu::layer, {{{'S', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.stride, -1, 1); }},
    {"padding+", "Increase padding", Menu::layer, {{{'p', 0}}}, one_convolution, [](Frame& f) { step_padding(f, 1); }},
    {"padding-", "Decrease padding", Menu::layer, {{{'P', 0}}}, one_convolution, [](Frame& f) { step_padding(f, -1); }},
    {"dilation+", "Increase dilation", Menu::layer, {{{'d', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.dilation, 1, 1); }},
    {"dilation-", "Decrease dilation", Menu::layer, {{{'D', 0}}}, one_convolution, [](Frame& f) { step(f.draft.conv.dilation, -1, 1); }},
    {"flip", "Toggle kernel flip (true convolution)", Menu::layer, {{{'f', 0}}}, one_convolution, [](Frame& f) { f.draft.conv.flip = !f.draft.conv.flip; }},

    {"layer-", "Previous layer", Menu::layer, {{{',', 0}}}, has_layers, [](Frame& f) { step_layer(f, -1); }},
    {"layer+", "Next layer", Menu::layer, {{{'.', 0}}}, has_layers, [](Frame& f) { step_layer(f, 1); }},
    {"largenet", "LargeNet", Menu::layer, {{{'4', ctrl}}}, always, [](Frame& f) { load(f, Opens::network, network_job("largenet")); }},
    {"alexnet.all", "AlexNet, all layers", Menu::layer, {{{'5', ctrl}}}, always, [](Frame& f) { load(f, Opens::network, network_job("alexnet")); }},
    {"fold", "Fold batch normalization into convolutions", Menu::layer, {{}}, has_batch_norm, fold},
    {"conv", "Single convolution", Menu::layer, {{{'6', ctrl}}}, always, [](Frame& f) { choose_network(f.draft, ConvChain{}); }},

    {"scale.1", "Value range: per channel", Menu::grid, {{{'1', 0}}}, always, [](Frame& f) { f.draft.display.scale.mode = ScaleMode::per_channel; }},
    {"scale.2", "Value range: shared", Menu::grid, {{{'2', 0}}}, always, [](Frame& f) { f.draft.display.scale.mode = ScaleMode::shared; }},
    {"scale.3", "Value range: shared, symmetric", Menu::grid, {{{'3', 0}}}, always, [](Frame& f) { f.draft.display.scale.mode = ScaleMode::symmetric; }},
    {"scale.4", "Value range: per channel, symmetric", Menu::grid, {{{'4', 0}}}, always, [](Frame& f) { f.draft.display.scale.mode = ScaleMode::per_channel_symmetric; }},
    {"scale.5", "Value range: fixed range", Menu::grid, {{{'5', 0}}}, always, [](Frame& f) { f.draft.display.scale.mode = ScaleMode::fixed; }},
    {"colors.6", "Colormap: viridis", Menu::grid, {{{'6', 0}}}, always, [](Frame& f) { f.draft.display.colormap = Colormap::viridis; }},
    {"colors.7", "Colormap: magma", Menu::grid, {{{'7', 0}}}, always, [](Frame& f) { f.draft.display.colormap = Colormap::magma; }},
    {"colors.8", "Colormap: gray", Menu::grid, {{{'8', 0}}}, always, [](Frame& f) { f.draft.display.colormap = Colormap::gray; }},
    {"colors.9", "Colormap: coolwarm", Menu::grid, {{{'9', 0}}}, always, [](Frame& f) { f.draft.display.colormap = Colormap::coolwarm; }},
    {"left", "Move cursor left", Menu::grid, {{{GLFW_KEY_LEFT, 0}}}, has_picture, [](Frame& f) { move_cursor(f, -1, 0); }},
    {"right", "Move cursor right", Menu::grid, {{{GLFW_KEY_RIGHT, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 1, 0); }},
    {"up", "Move cursor up", Menu::grid, {{{GLFW_KEY_UP, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 0, -1); }},
    {"down", "Move cursor down", Menu::grid, {{{GLFW_KEY_DOWN, 0}}}, has_picture, [](Frame& f) { move_cursor(f, 0, 1); }},
    {"enlarge", "Enlarge selected channel, or show all", Menu::grid, {{{GLFW_KEY_ENTER, 0}, {GLFW_KEY_KP_ENTER, 0}}}, has_picture, enlarge},
    {"back", "Back", Menu::grid, {{{GLFW_KEY_ESCAPE, 0}}}, always, back},
    {"zoom+", "Zoom in", Menu::grid, {{{'+', 0}}}, has_picture, [](Frame& f) { zoom(f, 1.25F); }},
    {"zoom-", "Zoom out", Menu::grid, {{{'-', 0}}}, has_picture, [](Frame& f) { zoom(f, 0.8F); }},
    {"fit", "Fit grid to window", Menu::grid, {{{GLFW_KEY_HOME, 0}, {'0', 0}}}, has_picture, show_all},
    {"item-", "Previous batch item", Menu::grid, {{{'[', 0}}}, has_batch, [](Frame& f) { step_item(f, -1); }},
    {"item+", "Next batch item", Menu::grid, {{{']', 0}}}, has_batch, [](Frame& f) { step_item(f, 1); }},
};

/// Actions that follow the tools' actions in their menus.
constexpr Action last[] = {
    {"save.session", "Save session", Menu::file, {{{'S', ctrl}}}, always, save_session},
    {"quit", "Quit", Menu::file, {{{'Q', ctrl}}}, [](const Frame&) { return !in_browser; }, [](Frame& f) { f.requests.quit = true; }},
    {"again", "Generate new random kernels or weights", Menu::kernels, {{{'R', ctrl}}}, can_be_random, draw_again},
    {"gray", "Toggle grayscale input", Menu::kernels, {{{'g', 0}}}, always, [](Frame& f) { f.draft.input.gray = !f.draft.input.gray; }},
    {"panels", "Toggle side panels", Menu::view, {{{GLFW_KEY_TAB, 0}, {'P', alt}}}, always, [](Frame& f) { f.view.panels = !f.view.panels; }},
    {"motion", "Toggle animation in lectures", Menu::lecture, {{}}, always, [](Frame& f) { f.settings.reduced_motion = !f.settings.reduced_motion; f.requests.note = tr(f.settings.reduced_motion ? "lectures change without animation" : "lectures are animated"); keep_settings(f); }},
    {"theme", "Toggle light or dark theme", Menu::view, {{{'L', ctrl}}}, always, [](Frame& f) { f.view.light = !f.view.light; }},
    {"larger", "Increase UI scale", Menu::view, {{{'=', ctrl}, {'+', ctrl}}}, always, [](Frame& f) { scale_ui(f, f.view.ui_scale + 0.25F); }},
    {"smaller", "Decrease UI scale", Menu::view, {{{'-', ctrl}}}, always, [](Frame& f) { scale_ui(f, f.view.ui_scale - 0.25F); }},
    {"normal", "Reset UI scale to 100 %", Menu::view, {{{'0', ctrl}}}, always, [](Frame& f) { scale_ui(f, 1.0F); }},
    {"language.en", "Language: English", Menu::view, {{}}, always, [](Frame& f) { choose_language(f, 0); }},
    {"language.de", "Language: Deutsch", Menu::view, {{}}, always, [](Frame& f) { choose_language(f, 1); }},
    {"language.es", "Language: Español", Menu::view, {{}}, always, [](Frame& f) { choose_language(f, 2); }},
    {"vision.usual", "Color vision: usual", Menu::view, {{}}, [](const Frame& f) { return f.view.vision != ColorVision::usual; }, see_as<ColorVision::usual>},
    {"vision.protanopia", "Simulate protanopia (no red cones)", Menu::view, {{}}, always, see_as<ColorVision::protanopia>},
    {"vision.deuteranopia", "Simulate deuteranopia (no green cones)", Menu::view, {{}}, always, see_as<ColorVision::deuteranopia>},
    {"vision.tritanopia", "Simulate tritanopia (no blue cones)", Menu::view, {{}}, always, see_as<ColorVision::tritanopia>},
    {"fullscreen", "Full screen", Menu::view, {{{GLFW_KEY_F11, 0}}}, always, [](Frame& f) { f.requests.fullscreen = !f.status.fullscreen; }},
    {"palette", "Command palette ...", Menu::help, {{{'P', ctrl}}}, always, open_palette},
    {"help", "Keyboard and mouse", Menu::help, {{{'?', 0}, {GLFW_KEY_F1, 0}}}, always, [](Frame& f) { f.view.overlay = f.view.overlay == &help_overlay ? nullptr : &help_overlay; }},
};
// clang-format on

}  // namespace

std::string to_string(Chord chord) {
    if (chord.key == 0) return "";
    std::string text;
    if (chord.mods & ctrl) text += tr("Ctrl+");
    if (chord.mods & alt) text += tr("Alt+");
    if (chord.mods & shift) text += tr("Shift+");
    struct KeyName {
        int key;
        Word name;
    };
    constexpr KeyName names[] = {{GLFW_KEY_LEFT, "Left"},
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
                                 {GLFW_KEY_F9, "F9"},
                                 {GLFW_KEY_F1, "F1"},
                                 {GLFW_KEY_F11, "F11"}};
    for (const auto& [key, name] : names)
        if (key == chord.key) return text + tr(name);
    const char character = static_cast<char>(chord.key);
    if (chord.mods == 0 && character >= 'A' && character <= 'Z') text += tr("Shift+");
    return text + (character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character);
}

/// Returns true if browsers use the chord themselves: web/page.js does not pass it to the program.
bool browser_keeps(Chord chord) {
    if (chord.key == GLFW_KEY_TAB || chord.key == GLFW_KEY_F5 || chord.key == GLFW_KEY_F11) return true;
    return (chord.mods & ctrl) != 0 && chord.key < 128 &&
           std::string_view("TWNRL123456789").find(static_cast<char>(chord.key)) != std::string_view::npos;
}

std::span<const Action> actions() {
    static const std::vector<Action> all = [] {
        std::vector<Action> rows(std::begin(first), std::end(first));
        for (const Tool* tool : tools()) rows.insert(rows.end(), tool->actions.begin(), tool->actions.end());
        rows.insert(rows.end(), std::begin(last), std::end(last));
        if constexpr (in_browser)
            for (Action& row : rows)
                std::fill(std::remove_if(row.chords.begin(), row.chords.end(), browser_keeps), row.chords.end(),
                          Chord{});
        return rows;
    }();
    return all;
}

void run(Frame& f, const Action& action) {
    if (!action.enabled(f)) return;
    f.map.action(action.id, true);
    action.run(f);
}

const Action* action_for(Chord chord) {
    for (const Action& action : actions())
        for (const Chord& known : action.chords)
            if (chord.key != 0 && known == chord) return &action;
    return nullptr;
}

}  // namespace convlens
