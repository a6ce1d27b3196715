/// Counts and summary of a checkpoint report.
#include "engine/document/checkpoint_report.h"

#include <algorithm>
#include <array>

#include "engine/core/sentence.h"

namespace convlens {
namespace {

using State = CheckpointRow::State;
constexpr std::array<std::string_view, 4> state_names{"matched", "missing", "left over", "other shape"};

}  // namespace

std::string_view to_string(State state) { return state_names[static_cast<std::size_t>(state)]; }

std::size_t CheckpointReport::count(State state) const {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [&](const CheckpointRow& r) { return r.state == state; }));
}

std::string CheckpointReport::summary() const {
    const std::size_t left = count(State::left_over), missing = count(State::missing),
                      other = count(State::other_shape);
    std::string text = sentence("{}: {} of {} arrays loaded", file, count(State::matched), rows.size() - left);
    if (missing > 0) text += sentence(", {} missing", missing);
    if (other > 0) text += sentence(", {} of another shape", other);
    if (left > 0) text += sentence(", {} left over", left);
    if (!note.empty()) text += "; " + note;
    return text;
}

}  // namespace convlens
