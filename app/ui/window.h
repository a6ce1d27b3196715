/// Opens the window of the program.
#pragma once

#include <optional>
#include <string>

#include "app/backends.h"
#include "engine/document/document.h"
#include "engine/session/scene_view.h"

namespace convlens {

/// Options of the window.
struct WindowOptions {
    bool fullscreen = false;  ///< Whether to start in full screen.
    bool light = false;       ///< Whether to use the light theme.
    float ui_scale = 0;       ///< Scale of text and controls, 1..3; 0 means Screen::suggested_scale().
    std::string size;         ///< Size of the window in pixels, "WxH"; empty means most of the screen.
    std::string scenes;       ///< Lecture file to open; empty means none.
    std::string language;     ///< Code of the language of the window; empty means that of the settings or the system.
    std::string ui_map;       ///< File that UiMap writes; empty means none.
    std::optional<SceneView> view;  ///< What to show of the document; nullopt means the grid.
};

/// Shows `document` in a window until the user closes it. In the browser, returns when the window is open. Fails if no
/// window can be opened.
Expected<void> run_window(const Document& document, const WindowOptions& options, const BackendChoice& backend);

}  // namespace convlens
