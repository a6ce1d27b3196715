/// Calls between the program and the page's script, web/page.js. The program calls members of Module.page; the script
/// calls the functions named convlens_*.
#include "app/web/page.h"

#include <emscripten.h>
#include <imgui.h>

#include <cstdlib>

// The bodies below are JavaScript.
// clang-format off
EM_JS(void, page_choose_files, (), { Module.page.chooseFiles(); })
EM_JS(void, page_download, (const char* path), { Module.page.download(UTF8ToString(path)); })
EM_JS(void, page_copy_text, (const char* text), { Module.page.copyText(UTF8ToString(text)); })
EM_JS(void, page_show_fragment, (const char* fragment), { Module.page.showFragment(UTF8ToString(fragment)); })
EM_JS(char*, page_address, (), { return stringToNewUTF8(location.origin + location.pathname); })
EM_JS(void, page_set_fullscreen, (int on), { Module.page.setFullscreen(on != 0); })
EM_JS(int, page_fullscreen, (), { return document.fullscreenElement ? 1 : 0; })
EM_JS(void, page_set_cursor, (const char* name), { Module.canvas.style.cursor = UTF8ToString(name); })
EM_JS(void, page_show_keyboard, (int on), { Module.page.showKeyboard(on != 0); })
EM_JS(void, page_scale_pointer, (), {
    // GLFW reports CSS pixels; Dear ImGui needs pixels of the canvas.
    const cssPixels = Browser.calculateMouseCoords;
    Browser.calculateMouseCoords = (x, y) => {
        const at = cssPixels(x, y);
        const scale = Module.canvas.width / Module.canvas.clientWidth;
        return { x: at.x * scale, y: at.y * scale };
    };
})
EM_JS(int, page_width, (), { return Module.page.canvasSize()[0]; })
EM_JS(int, page_height, (), { return Module.page.canvasSize()[1]; })
EM_JS(void, page_started, (), { Module.page.started(); })
EM_JS(void, page_publish_map, (const char* text), { Module.page.map = UTF8ToString(text); })
// clang-format on

namespace {

// Filled by the page's script on the main thread, read by the window on the same thread.
std::vector<std::string> files;
std::string pasted;

}  // namespace

extern "C" {

/// The script calls this when it has written a file to the page's file system.
EMSCRIPTEN_KEEPALIVE void convlens_add_file(const char* path) { files.emplace_back(path); }

/// The script calls this when the user types on the keyboard of a touch screen. `text` has characters in UTF-8, "\b"
/// for Backspace or "\n" for Enter.
EMSCRIPTEN_KEEPALIVE void convlens_type(const char* text) {
    ImGuiIO& io = ImGui::GetIO();
    const ImGuiKey key = *text == '\b' ? ImGuiKey_Backspace : *text == '\n' ? ImGuiKey_Enter : ImGuiKey_None;
    if (key == ImGuiKey_None) return io.AddInputCharactersUTF8(text);
    io.AddKeyEvent(key, true);
    io.AddKeyEvent(key, false);
}

/// The script calls this when the user pastes text, before Dear ImGui sees Ctrl+V.
EMSCRIPTEN_KEEPALIVE void convlens_paste(const char* text) { pasted = text; }
}

namespace convlens::page {

void choose_files() { page_choose_files(); }
std::vector<std::string> take_files() { return std::exchange(files, {}); }
void download(const std::string& path) { page_download(path.c_str()); }
void copy_text(const std::string& text) { page_copy_text(text.c_str()); }
const std::string& pasted_text() { return pasted; }
void show_fragment(const std::string& fragment) { page_show_fragment(fragment.c_str()); }

std::string address() {
    char* text = page_address();
    std::string copy = text;
    std::free(text);
    return copy;
}

void copy_png(std::span<const std::byte> png) {
    // Only the main thread of a page has the clipboard, and this is called on a worker thread.
    MAIN_THREAD_EM_ASM({ Module.page.copyPng(HEAPU8.slice($0, $0 + $1)); }, png.data(), png.size());
}

void set_fullscreen(bool on) { page_set_fullscreen(on ? 1 : 0); }
bool fullscreen() { return page_fullscreen() != 0; }
void scale_pointer() { page_scale_pointer(); }
void set_cursor(const char* css_name) { page_set_cursor(css_name); }
void show_keyboard(bool on) { page_show_keyboard(on ? 1 : 0); }
std::pair<int, int> canvas_size() { return {page_width(), page_height()}; }
void started() { page_started(); }
void publish_map(const std::string& text) { page_publish_map(text.c_str()); }

}  // namespace convlens::page
