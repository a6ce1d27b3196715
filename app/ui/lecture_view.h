/// What the window remembers of a lecture.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/session/lecture.h"

namespace convlens {

struct LectureView {
    bool full = false;       ///< Only the grid and the caption.
    bool list = false;       ///< The list of scenes is open.
    bool spotlight = false;  ///< A ring of light round the pointer.
    std::optional<Lecture> lecture;
    std::filesystem::path file;  ///< Where it is from and where it is saved; empty for a new one.
    int scene = 0;               ///< Where the speaker is.
    bool changed = false;        ///< Since it was read or saved.
};

}  // namespace convlens
