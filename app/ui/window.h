/// The window.
#pragma once

#include <string>

#include "app/backends.h"
#include "engine/document/document.h"

namespace convlens {

struct WindowOptions {
    bool fullscreen = false;
    bool light = false;
    float ui_scale = 0;  ///< 1 to 3, inclusive; 0 means the scale of the display.
    std::string size;    ///< Size of the window, "WxH"; empty means most of the screen.
    std::string scenes;  ///< Lecture to open; empty means none.
    std::string ui_map;  ///< File that UiMap writes; empty means none.
};

/// Shows `document` until the user closes the window. Fails if no window can be opened.
Expected<void> run_window(const Document& document, const WindowOptions& options, const BackendChoice& backend);

}  // namespace convlens
