/// What a training has been through: its weights at many moments, and its curves.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace convlens {

using SharedParameters = std::shared_ptr<const std::vector<float>>;

/// All parameters of a network at one moment. Immutable.
struct Snapshot {
    long step = 0;  ///< Steps made until then; 0 is before the first.
    SharedParameters parameters;
};

/// Snapshots in the order of their steps: every step at first, then every second, every fourth, ... so that they never
/// take more than a given amount of memory, and never more than max_moments. The first and the newest moment are
/// always there. Copying is cheap: the weights are shared.
class TimeLine {
  public:
    static constexpr std::size_t max_moments = 4096;  ///< More than a slider has pixels.

    explicit TimeLine(std::size_t max_bytes = std::size_t{64} << 20U) : max_bytes_(max_bytes) {}

    /// Appends the parameters after `step`, which is larger than any before.
    void add(long step, std::span<const float> parameters);

    std::size_t size() const { return moments_.size(); }
    bool empty() const { return moments_.empty(); }
    const Snapshot& operator[](std::size_t index) const { return moments_[index]; }
    const Snapshot& back() const { return moments_.back(); }

    /// The index of the last moment that is not after `step`; 0 where there is none. The time line must not be empty.
    std::size_t index_at(long step) const;

    /// Forgets what was after moment `index`: training goes on from there.
    void cut_after(std::size_t index);

    long spacing() const { return spacing_; }  ///< Steps between kept moments.
    std::size_t bytes() const;                 ///< Of all parameters that are kept.

  private:
    std::size_t max_bytes_;
    long spacing_ = 1;
    std::vector<Snapshot> moments_;
};

/// A value a step, thinned out to at most `most` points: each is the mean of equally many steps.
class Curve {
  public:
    struct Point {
        long step = 0;  ///< The last of the steps that it stands for.
        float value = 0;
    };

    void add(long step, float value);
    std::span<const Point> points() const { return points_; }
    /// Forgets what was after `step`.
    void cut_after(long step);

    static constexpr std::size_t most = 2048;

  private:
    std::vector<Point> points_;
    long each_ = 1;     ///< Steps of a point.
    long waiting_ = 0;  ///< Steps of the point that is being gathered.
    double sum_ = 0;
};

}  // namespace convlens
