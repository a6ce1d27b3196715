/// Undo and redo.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace convlens {

/// A step of a History as it is, for values that share nothing.
template <class Value>
class WholeStep {
  public:
    WholeStep(Value value, const Value& /*neighbor*/) : value_(std::move(value)) {}
    Value restore(const Value& /*neighbor*/) const { return value_; }
    std::size_t bytes() const { return sizeof(Value); }

  private:
    Value value_;
};

/// Undo and redo for a value that is cheap to copy and to compare, such as a document.
///
/// preview() stores the value that the widgets show in each frame; commit() closes an undo step. All previews between
/// two commits are one step. So dragging a slider is one step, however many frames it takes. Only the newest steps are
/// kept whose bytes() are at most `max_bytes` in all, but always one.
///
/// A Step is made from a value and its neighbor, which is the next value in the direction of the current one. It has
/// bytes(), the memory that only the step needs, and restore(neighbor), which returns the value.
template <class Value, class Step = WholeStep<Value>>
class History {
  public:
    explicit History(Value value, std::size_t max_bytes = std::size_t{1} << 30U)
        : now_(value), committed_(std::move(value)), max_bytes_(max_bytes) {}

    /// Returns the current value.
    const Value& now() const { return now_; }
    /// Returns how many steps can be undone, including one that is not committed yet.
    std::size_t undo_depth() const { return past_.size() + (now_ == committed_ ? 0 : 1); }
    /// Returns how many steps can be redone.
    std::size_t redo_depth() const { return future_.size(); }
    /// Returns how many steps were dropped because they needed more than max_bytes.
    std::size_t dropped() const { return dropped_; }
    /// Returns the memory that the steps to undo need.
    std::size_t bytes() const { return held_; }

    /// Sets the current value as part of the open step.
    void preview(Value value) { now_ = std::move(value); }

    /// Closes the open step and forgets all steps that could be redone. Does nothing if the value has not changed.
    void commit() {
        if (now_ == committed_) return;
        keep(now_);
        future_.clear();
    }

    /// Goes back one step. Returns false if there is none.
    bool undo() {
        commit();  // an edit in progress becomes its own step
        if (past_.empty()) return false;
        Value before = past_.back().restore(committed_);
        future_.emplace_back(std::move(committed_), before);
        committed_ = std::move(before);
        held_ -= past_.back().bytes();
        past_.pop_back();
        now_ = committed_;
        return true;
    }

    /// Restores the step that was undone last. Returns false if there is none.
    bool redo() {
        commit();
        if (future_.empty()) return false;
        keep(future_.back().restore(committed_));
        future_.pop_back();
        now_ = committed_;
        return true;
    }

  private:
    /// Makes `next` the committed value, and the one before it a step.
    void keep(Value next) {
        past_.emplace_back(std::move(committed_), next);
        committed_ = std::move(next);
        held_ += past_.back().bytes();
        while (held_ > max_bytes_ && past_.size() > 1) {
            held_ -= past_.front().bytes();
            past_.pop_front();
            ++dropped_;
        }
    }

    Value now_, committed_;
    std::deque<Step> past_;             ///< Oldest first; the neighbor of a step is the value after it.
    std::vector<Step> future_;          ///< The next one to redo last; the neighbor of a step is the value before it.
    std::size_t max_bytes_, held_ = 0;  ///< Limit and sum of the bytes of past_.
    std::size_t dropped_ = 0;
};

}  // namespace convlens
