/// The UI map: the positions of all controls, for tests that operate the real window.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/session/scene_page.h"

namespace convlens {

/// Collects, in each frame, the rectangles of the controls that are passed to mark() and the states that tests check,
/// and writes them to a text file. The file has a line "id x0 y0 x1 y1" (in window pixels) for each control, "= key
/// value" for each state, and "frame N" at the end. A second file, named like the first with ".used" appended, lists
/// all controls that have been on screen: "+ id" if the mouse or the keyboard has operated the control, "- id" if not.
/// It lists actions as "action.ID". Does nothing without a file.
class UiMap {
  public:
    /// An empty `file` disables the map.
    explicit UiMap(std::string file) : file_(std::move(file)) {}

    /// Returns true if there is a file to write.
    bool enabled() const { return !file_.empty(); }

    /// Stores the rectangle of the last ImGui item as `id`, unless the item is scrolled out of view.
    void mark(std::string_view id);

    /// Stores the rectangle with the corners (x0, y0) and (x1, y1) as `id`.
    void mark(std::string_view id, float x0, float y0, float x1, float y1);

    /// Looks for the control `id` from the next mark() on, also without a file; an empty id looks for none.
    void watch(std::string_view id);

    /// Returns the rectangle of that control in the last frame in which it was marked since watch(); nullopt if it was
    /// in none.
    const std::optional<Area>& watched() const { return watched_; }

    /// Stores that the action `id` exists, and, if `used`, that it has been run.
    void action(std::string_view id, bool used);

    /// Stores the state `key`.
    void state(std::string_view key, std::string value);

    /// Replaces the file with the lines of this frame and clears the map. In the browser, passes them to the page
    /// instead. Ignores errors: only tests read the file, and they would notice.
    void write_frame();

  private:
    void note_use(std::string_view id, bool used);
    void write_used();

    std::string file_, watched_id_;
    std::optional<Area> watched_;
    std::map<std::string, bool, std::less<>> used_;  ///< All controls so far; true if they have been operated.
    bool used_changed_ = false;
    std::map<std::string, std::string, std::less<>> lines_;
    long frame_ = 0;
};

}  // namespace convlens
