/// Undo and redo.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

namespace convlens {

/// Undo and redo for a value that is cheap to copy and to compare, such as a document.
///
/// preview() stores the value that the widgets show in each frame; commit() closes an undo step. All previews between
/// two commits are one step. So dragging a slider is one step, however many frames it takes. At most 500 steps are
/// kept, and only as many as hold at most `max_bytes`, but always one.
template <class Value>
class History {
  public:
    /// Returns the bytes that `older` keeps in memory and `newer` does not share.
    using Bytes = std::function<std::size_t(const Value& older, const Value& newer)>;

    explicit History(Value value, Bytes bytes = nullptr, std::size_t max_bytes = 0)
        : now_(value), committed_(std::move(value)), bytes_(std::move(bytes)), max_bytes_(max_bytes) {}

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
        keep(now_);
        future_.clear();
    }

    /// Goes back one step. Returns false if there is none.
    bool undo() {
        commit();  // an edit in progress becomes its own step
        if (past_.empty()) return false;
        future_.push_back(std::exchange(committed_, std::move(past_.back().value)));
        held_ -= past_.back().bytes;
        past_.pop_back();
        now_ = committed_;
        return true;
    }

    /// Restores the step that was undone last. Returns false if there is none.
    bool redo() {
        commit();
        if (future_.empty()) return false;
        keep(std::move(future_.back()));
        future_.pop_back();
        now_ = committed_;
        return true;
    }

  private:
    static constexpr std::size_t max_steps = 500;

    struct Step {
        Value value;
        std::size_t bytes;  ///< Bytes that the next step does not share.
    };

    /// Makes `next` the committed value, and the one before it a step.
    void keep(Value next) {
        const std::size_t bytes = bytes_ ? bytes_(committed_, next) : 0;
        past_.push_back({std::exchange(committed_, std::move(next)), bytes});
        held_ += bytes;
        while (past_.size() > max_steps || (held_ > max_bytes_ && past_.size() > 1)) {
            held_ -= past_.front().bytes;
            past_.pop_front();
        }
    }

    Value now_, committed_;
    std::deque<Step> past_;
    std::vector<Value> future_;
    Bytes bytes_;
    std::size_t max_bytes_, held_ = 0;  ///< Limit and sum of Step::bytes.
};

}  // namespace convlens
