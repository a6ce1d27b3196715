/// Snapshots and curves that are thinned out as they get longer.
#include "engine/train/time_line.h"

#include <algorithm>
#include <cassert>

namespace convlens {

void TimeLine::add(long step, std::span<const float> parameters) {
    assert(moments_.empty() || step > moments_.back().step);
    // The newest snapshot is always kept. If its step is not a multiple of the spacing, the next snapshot replaces it.
    if (moments_.size() > 1 && moments_.back().step % spacing_ != 0) moments_.pop_back();
    moments_.push_back({step, std::make_shared<const std::vector<float>>(parameters.begin(), parameters.end())});
    while ((bytes() > max_bytes_ || moments_.size() > max_moments) && moments_.size() > 3) {
        spacing_ *= 2;
        const long newest = moments_.back().step, oldest = moments_.front().step;
        std::erase_if(moments_, [&](const Snapshot& s) {
            return s.step != newest && s.step != oldest && s.step % spacing_ != 0;
        });
    }
}

std::size_t TimeLine::index_at(long step) const {
    const auto after =
        std::upper_bound(moments_.begin(), moments_.end(), step, [](long s, const Snapshot& m) { return s < m.step; });
    return after == moments_.begin() ? 0 : static_cast<std::size_t>(after - moments_.begin()) - 1;
}

void TimeLine::cut_after(std::size_t index) {
    assert(index < moments_.size());
    moments_.resize(index + 1);
}

std::size_t TimeLine::bytes() const {
    return moments_.empty() ? 0 : moments_.size() * moments_.front().parameters->size() * sizeof(float);
}

void Curve::add(long step, float value) {
    sum_ += static_cast<double>(value);
    if (++waiting_ < each_) return;
    points_.push_back({step, static_cast<float>(sum_ / static_cast<double>(each_))});
    sum_ = 0, waiting_ = 0;
    if (points_.size() < most) return;
    for (std::size_t i = 0; i < most / 2; ++i)
        points_[i] = {points_[2 * i + 1].step, (points_[2 * i].value + points_[2 * i + 1].value) / 2};
    points_.resize(most / 2);
    each_ *= 2;
}

void Curve::cut_after(long step) {
    std::erase_if(points_, [&](const Point& p) { return p.step > step; });
    sum_ = 0, waiting_ = 0;
}

}  // namespace convlens
