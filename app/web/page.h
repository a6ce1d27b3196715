/// The web page around the window: only in the browser. Call these inside `if constexpr (in_browser)`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace convlens {

#ifdef __EMSCRIPTEN__
inline constexpr bool in_browser = true;
#else
inline constexpr bool in_browser = false;
#endif

namespace page {

/// Folder of dropped, chosen and pasted files in the page's file system.
inline constexpr const char* files_folder = "/home/files";

/// Opens the browser's file dialog. The chosen files arrive in take_files() of a later frame. Must be called while the
/// browser handles a click or key, or shortly after.
void choose_files();

/// Returns the paths, in the page's own file system, of the files that were dropped, chosen or pasted since the last
/// call.
std::vector<std::string> take_files();

/// Hands the file at `path` of the page's file system to the user as a download.
void download(const std::string& path);

/// Sets the clipboard's text. The browser allows it only shortly after a click or key.
void copy_text(const std::string& text);

/// Returns the text of the last paste.
const std::string& pasted_text();

/// Sets the clipboard to a picture, the bytes of a PNG file.
void copy_png(std::span<const std::byte> png);

/// Shows `address` as the fragment of the page's address, without a new entry in the history.
void show_fragment(const std::string& fragment);

/// Returns the address of the page up to its fragment.
std::string address();

void set_fullscreen(bool on);
bool fullscreen();

/// Makes GLFW report the pointer in pixels of the display. Call once, after glfwInit().
void scale_pointer();

/// Shows a CSS cursor over the canvas: "default", "text", "pointer", "ew-resize" and so on.
void set_cursor(const char* css_name);

/// Opens or closes the keyboard of a touch screen.
void show_keyboard(bool on);

/// Returns the size of the canvas on the page in pixels of the display.
std::pair<int, int> canvas_size();

/// Tells the page that the first picture is on screen.
void started();

/// Publishes the map of controls, see UiMap, for tests of the page.
void publish_map(const std::string& text);

}  // namespace page
}  // namespace convlens
