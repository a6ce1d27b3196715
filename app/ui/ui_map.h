/// Where every control is, for tests that drive the real window.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// Collects, each frame, the rectangles of marked controls and the state that tests assert on, and writes them to a
/// file of lines: "id x0 y0 x1 y1" in window pixels for a control, "= key value" for a state, "frame N" last.
/// Does nothing without a file.
class UiMap {
  public:
    explicit UiMap(std::string file) : file_(std::move(file)) {}

    bool enabled() const { return !file_.empty(); }

    /// Remembers the ImGui item drawn last as `id`. What is scrolled out of its window is left out.
    void mark(std::string_view id);

    /// Remembers a rectangle of the window as `id`.
    void mark(std::string_view id, float x0, float y0, float x1, float y1);

    void state(std::string_view key, std::string value);

    /// Writes the frame's lines, replacing those of the frame before, and starts anew. Failure is not reported: only
    /// tests read the file, and they notice.
    void write_frame();

  private:
    std::string file_;
    std::map<std::string, std::string, std::less<>> lines_;
    long frame_ = 0;
};

}  // namespace convlens
