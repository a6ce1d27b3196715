/// Undo and redo.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace convlens {

/// Undo and redo for a value that is cheap to copy and to compare, such as a document.
///
/// preview() stores the value that the widgets show in each frame; commit() closes an undo step. All previews between
/// two commits are one step. So dragging a slider is one step, however many frames it takes. At most 500 steps are
/// kept.
template <class Value>
class History {
  public:
    explicit History(Value value) : now_(value), committed_(std::move(value)) {}

    /// Returns the current value.
    const Value& now() const { return now_; }
    /// Returns how many steps can be undone, including one that is not committed yet.
    std::size_t undo_depth() const { return past_.size() + (now_ == committed_ ? 0 : 1); }
    /// Returns how many steps can be redone.
    std::size_t redo_depth() const { return future_.size(); }

    /// Sets the current value as part of the open step.
    void preview(Value value) { now_ = std::move(value); }

    /// Closes the open step and forgets all steps that could be redone. Does nothing if the value has not changed.
    void commit() {
        if (now_ == committed_) return;
        past_.push_back(std::exchange(committed_, now_));
        if (past_.size() > max_steps) past_.pop_front();
        future_.clear();
    }

    /// Goes back one step. Returns false if there is none.
    bool undo() {
        commit();  // an edit in progress becomes its own step
        if (past_.empty()) return false;
        future_.push_back(std::exchange(committed_, std::move(past_.back())));
        past_.pop_back();
        now_ = committed_;
        return true;
    }

    /// Restores the step that was undone last. Returns false if there is none.
    bool redo() {
        commit();
        if (future_.empty()) return false;
        past_.push_back(std::exchange(committed_, std::move(future_.back())));
        future_.pop_back();
        now_ = committed_;
        return true;
    }

  private:
    static constexpr std::size_t max_steps = 500;

    Value now_, committed_;
    std::deque<Value> past_;
    std::vector<Value> future_;
};

}  // namespace convlens
