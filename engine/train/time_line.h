/// History of a training: weights at many moments, and curves.
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

/// Snapshots in the order of their steps: every step at first, then every second, every fourth, ..., so that the
/// snapshots never use more than a given amount of memory, and there are never more than max_moments of them. Always
/// contains the first and the newest snapshot. Copying is cheap, because the weights are shared.
class TimeLine {
  public:
    /// Maximum number of snapshots: more than a slider has pixels.
    static constexpr std::size_t max_moments = 4096;

    explicit TimeLine(std::size_t max_bytes = std::size_t{64} << 20U) : max_bytes_(max_bytes) {}

    /// Appends the parameters after `step`, which must be larger than all previous ones.
    void add(long step, std::span<const float> parameters);

    std::size_t size() const { return moments_.size(); }
    bool empty() const { return moments_.empty(); }
    const Snapshot& operator[](std::size_t index) const { return moments_[index]; }
    const Snapshot& back() const { return moments_.back(); }

    /// Returns the index of the last snapshot at or before `step`; 0 if there is none. The timeline must not be empty.
    std::size_t index_at(long step) const;

    /// Removes all snapshots after snapshot `index`, from which training then continues.
    void cut_after(std::size_t index);

    long spacing() const { return spacing_; }  ///< Steps between stored snapshots.
    std::size_t bytes() const;                 ///< Total size of the stored parameters.

  private:
    std::size_t max_bytes_;
    long spacing_ = 1;
    std::vector<Snapshot> moments_;
};

/// A curve of one value per step, reduced to at most `most` points. Each point is the mean over the same number of
/// steps.
class Curve {
  public:
    struct Point {
        long step = 0;  ///< The last of the steps that the point covers.
        float value = 0;
    };

    void add(long step, float value);
    std::span<const Point> points() const { return points_; }
    /// Removes all points after `step`.
    void cut_after(long step);

    static constexpr std::size_t most = 2048;

  private:
    std::vector<Point> points_;
    long each_ = 1;     ///< Steps per point.
    long waiting_ = 0;  ///< Steps accumulated in the incomplete point.
    double sum_ = 0;
};

}  // namespace convlens
