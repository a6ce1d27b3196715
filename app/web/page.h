/// Calls to the script of the web page around the window. Exists only in the browser: call these functions inside `if
/// constexpr (in_browser)`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace convlens {

/// Whether this build runs in a browser.
#ifdef __EMSCRIPTEN__
inline constexpr bool in_browser = true;
#else
inline constexpr bool in_browser = false;
#endif

namespace page {

/// Folder of the page's file system in which dropped, chosen and pasted files are stored. That file system exists only
/// in memory, inside the browser.
inline constexpr const char* files_folder = "/home/files";

/// Opens the browser's file dialog. take_files() returns the chosen files in a later frame. Must be called while the
/// browser handles a click or key, or shortly after.
void choose_files();

/// Returns the paths, in files_folder, of the files that were dropped, chosen or pasted since the last call.
std::vector<std::string> take_files();

/// Offers the file at `path` of the page's file system to the user as a download.
void download(const std::string& path);

/// Copies `text` to the clipboard. The browser allows this only shortly after a click or key; if it refuses, only its
/// console reports that.
void copy_text(const std::string& text);

/// Returns the text that the user pasted last; empty before the first paste.
const std::string& pasted_text();

/// Copies an image to the clipboard; `png` has the bytes of a PNG file. May be called on any thread. If the browser
/// refuses, only its console reports that.
void copy_png(std::span<const std::byte> png);

/// Sets the fragment of the page's address (the part after #) to `fragment`, without a new entry in the browser's
/// history.
void show_fragment(const std::string& fragment);

/// Returns the address of the page without its query and fragment (the parts from ? and # on).
std::string address();

/// Enters or leaves full screen. The browser allows entering only shortly after a click or key.
void set_fullscreen(bool on);
/// Returns true if the page is in full screen.
bool fullscreen();

/// Makes GLFW report the mouse position in pixels of the display instead of CSS pixels. Call once, after glfwInit().
void scale_pointer();

/// Shows a mouse cursor over the canvas, by its CSS name: "default", "text", "pointer", "ew-resize" and so on.
void set_cursor(const char* css_name);

/// Opens the keyboard of a touch screen if the last input was a touch, or closes it.
void show_keyboard(bool on);

/// Returns the width and height of the canvas in pixels of the display.
std::pair<int, int> canvas_size();

/// Tells the page that the first picture is on screen, so that it hides its loading message.
void started();

/// Makes `text`, the contents of a UiMap, available to the tests of the page as Module.page.map.
void publish_map(const std::string& text);

}  // namespace page
}  // namespace convlens
