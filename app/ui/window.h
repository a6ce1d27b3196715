/// The window.
#pragma once

#include <string>

#include "app/backends.h"
#include "engine/document/document.h"

namespace convlens {

struct WindowOptions {
    bool fullscreen = false;
    bool light = false;
    float ui_scale = 0;  ///< 1 to 3; 0: what the screen asks for.
    std::string size;    ///< "WxH"; empty: most of the screen.
    std::string scenes;  ///< A lecture to open; empty: none.
    std::string ui_map;  ///< File for UiMap; empty: none.
};

/// Shows `document` until the user closes the window. Fails when no window can be opened.
Expected<void> run_window(const Document& document, const WindowOptions& options, const BackendChoice& backend);

}  // namespace convlens
