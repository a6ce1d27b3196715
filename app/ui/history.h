/// Undo and redo over whole-document values.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace convlens {

/// Undo and redo for a value that is cheap to copy and compare.
///
/// preview() is called every frame with the value from the widgets; commit() closes the step. All previews between two
/// commits are one step, so dragging a slider is one step, however many frames it takes.
template <class Value>
class History {
  public:
    explicit History(Value value) : now_(value), committed_(std::move(value)) {}

    const Value& now() const { return now_; }
    std::size_t undo_depth() const { return past_.size() + (now_ == committed_ ? 0 : 1); }
    std::size_t redo_depth() const { return future_.size(); }

    void preview(Value value) { now_ = std::move(value); }

    void commit() {
        if (now_ == committed_) return;
        past_.push_back(std::exchange(committed_, now_));
        if (past_.size() > max_steps) past_.pop_front();
        future_.clear();
    }

    bool undo() {
        commit();  // an edit in progress becomes its own step
        if (past_.empty()) return false;
        future_.push_back(std::exchange(committed_, std::move(past_.back())));
        past_.pop_back();
        now_ = committed_;
        return true;
    }

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
