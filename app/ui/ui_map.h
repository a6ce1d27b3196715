/// Positions of all controls, for tests that drive the real window.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/core/image.h"

namespace convlens {

/// Collects in each frame the rectangles of the controls passed to mark() and the states that tests check, and writes
/// them to a text file: "id x0 y0 x1 y1" in window pixels for a control, "= key value" for a state, "frame N" last.
/// Does nothing without a file.
class UiMap {
  public:
    explicit UiMap(std::string file) : file_(std::move(file)) {}

    bool enabled() const { return !file_.empty(); }

    /// Stores the rectangle of the last ImGui item as `id`, unless the item is scrolled out of view.
    void mark(std::string_view id);

    /// Stores a rectangle of the window as `id`.
    void mark(std::string_view id, float x0, float y0, float x1, float y1);

    void state(std::string_view key, std::string value);

    /// Overwrites the file with the lines of this frame and clears the map. Does not report failure: only tests read
    /// the file, and they would notice.
    void write_frame();

  private:
    std::string file_;
    std::map<std::string, std::string, std::less<>> lines_;
    long frame_ = 0;
};

}  // namespace convlens
