/// History of a training: snapshots of the weights, and curves of the loss.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace convlens {

using SharedParameters = std::shared_ptr<const std::vector<float>>;

/// All parameters of a network at one moment. Immutable.
struct Snapshot {
    long step = 0;  ///< Number of steps done; 0 means before the first step.
    SharedParameters parameters;
};

/// Snapshots in the order of their steps: of every step at first, then of every second, every fourth, ... step. They
/// are thinned out whenever there are more than max_moments or they use more than a given amount of memory; three or
/// fewer snapshots are kept whatever they use. Always contains the first and the newest snapshot. Copying is cheap,
/// because the parameters are shared.
class TimeLine {
  public:
    /// Maximum number of snapshots: a slider has fewer pixels.
    static constexpr std::size_t max_moments = 4096;

    /// `max_bytes` is the amount of memory for the parameters of all snapshots.
    explicit TimeLine(std::size_t max_bytes = std::size_t{64} << 20U) : max_bytes_(max_bytes) {}

    /// Appends a snapshot: the parameters after `step` steps. `step` must be larger than in all previous snapshots.
    void add(long step, std::span<const float> parameters);

    std::size_t size() const { return moments_.size(); }
    bool empty() const { return moments_.empty(); }
    const Snapshot& operator[](std::size_t index) const { return moments_[index]; }
    const Snapshot& back() const { return moments_.back(); }

    /// Returns the index of the last snapshot at or before `step`; 0 if all are after it.
    std::size_t index_at(long step) const;

    /// Removes all snapshots after snapshot `index`, so that training can continue from it.
    void cut_after(std::size_t index);

    /// Returns the number of steps from one snapshot to the next; the newest may be closer to the one before it.
    long spacing() const { return spacing_; }
    /// Returns the size of the parameters of all snapshots in bytes.
    std::size_t bytes() const;

  private:
    std::size_t max_bytes_;
    long spacing_ = 1;
    std::vector<Snapshot> moments_;
};

/// A curve of one value per step, reduced to fewer than `most` points. Each point is the mean over several consecutive
/// steps: one step at first, then 2, 4, ...
class Curve {
  public:
    struct Point {
        long step = 0;  ///< The last of the steps that the point covers.
        float value = 0;
    };

    /// Adds the value of `step`, which must be larger than all previous steps.
    void add(long step, float value);
    /// Returns the complete points; the last few steps may not be in one yet.
    std::span<const Point> points() const { return points_; }
    /// Removes all points after `step`.
    void cut_after(long step);

    /// When there are this many points, neighboring points are merged in pairs.
    static constexpr std::size_t most = 2048;

  private:
    std::vector<Point> points_;
    long each_ = 1;     ///< Steps per point.
    long waiting_ = 0;  ///< Steps in the incomplete point.
    double sum_ = 0;    ///< Sum of their values.
};

}  // namespace convlens
