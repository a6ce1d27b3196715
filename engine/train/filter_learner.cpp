/// Whitening and spherical k-means. All matrix products run as 1x1 convolutions over blocks of sixteen columns or
/// patches.
#include "engine/train/filter_learner.h"

#include <algorithm>
#include <cmath>

#include "engine/core/parallel.h"
#include "engine/cpu/simd.h"
#include "engine/train/lane_conv.h"

namespace convlens {
namespace {

constexpr std::size_t L = lane_images;

/// Returns A * B for square matrices in row-major order.
std::vector<float> product(const LaneLoops& loops, const std::vector<float>& a, const std::vector<float>& b, int size) {
    const auto n = static_cast<std::size_t>(size);
    const LaneConv rows({size, size});
    CountedVector<float> packed;
    std::vector<float> result(n * n);
    rows.pack_forward(a, packed);
    parallel_for((n + L - 1) / L, [&](std::size_t block) {
        const std::size_t first = block * L, here = std::min(L, n - first);
        Tensor in({1, size, 1, lane_images}, 0.0F), out({1, size, 1, lane_images});
        for (std::size_t y = 0; y < n; ++y) std::copy_n(&b[y * n + first], here, in.data() + y * L);
        rows.forward(loops, in.data(), packed, {}, out.data());
        for (std::size_t y = 0; y < n; ++y) std::copy_n(out.data() + y * L, here, &result[y * n + first]);
    });
    return result;
}

/// Returns the largest eigenvalue of a symmetric matrix, by power iteration.
double largest_eigenvalue(const std::vector<float>& a, std::size_t n) {
    std::vector<double> v(n, 1.0), next(n);
    double length = 1;
    for (int i = 0; i < 30; ++i) {
        double sum = 0;
        for (std::size_t y = 0; y < n; ++y) {
            next[y] = 0;
            for (std::size_t x = 0; x < n; ++x) next[y] += static_cast<double>(a[y * n + x]) * v[x];
            sum += next[y] * next[y];
        }
        length = std::sqrt(sum);
        for (std::size_t y = 0; y < n; ++y) v[y] = next[y] / length;
    }
    return length;
}

/// Returns C^-1/2 for a positive definite matrix C, by the Newton-Schulz iteration.
std::vector<float> inverse_root(const LaneLoops& loops, const std::vector<float>& c, int size) {
    const auto n = static_cast<std::size_t>(size);
    const auto scale = static_cast<float>(1.1 * largest_eigenvalue(c, n));
    std::vector<float> y(c), z(n * n, 0.0F);
    for (float& v : y) v /= scale;
    for (std::size_t i = 0; i < n; ++i) z[i * n + i] = 1.0F;
    for (int round = 0; round < 30; ++round) {
        std::vector<float> t = product(loops, z, y, size);
        float worst = 0;
        for (std::size_t i = 0; i < n * n; ++i) {
            const float one = i % (n + 1) == 0 ? 1.0F : 0.0F;
            worst = std::max(worst, std::abs(t[i] - one));
            t[i] = (3.0F * one - t[i]) / 2.0F;
        }
        if (worst < 1e-3F) break;
        y = product(loops, y, t, size);
        z = product(loops, t, z, size);
    }
    for (float& v : z) v /= std::sqrt(scale);
    return z;
}

void make_unit(std::span<float> v) {
    double sum = 0;
    for (const float x : v) sum += static_cast<double>(x) * static_cast<double>(x);
    const auto length = static_cast<float>(std::sqrt(std::max(sum, 1e-30)));
    for (float& x : v) x /= length;
}

}  // namespace

float FilterLearner::draw_unit() { return static_cast<float>(random_() >> 8U) * 0x1p-24F; }
int FilterLearner::draw(int below) {
    return static_cast<int>((static_cast<std::uint64_t>(random_()) * static_cast<std::uint64_t>(below)) >> 32U);
}

Expected<FilterLearner> FilterLearner::make(const std::vector<std::shared_ptr<const Tensor>>& pictures,
                                            const FilterLearnerOptions& o, const Simd* simd) {
    if (o.size < 3 || o.size > 15 || o.size % 2 == 0)
        return fail("filters of {}x{} are not supported: expected an odd size from 3 to 15", o.size, o.size);
    if (o.filters < 1 || o.filters > 1024 || o.patches < 16 || o.patches > 1000000)
        return fail("{} filters from {} patches: expected 1 to 1024 filters and 16 to 1000000 patches", o.filters,
                    o.patches);
    if (pictures.empty()) return fail("there are no pictures to learn filters from");
    double range = 0;
    for (const auto& p : pictures) {
        const Shape s = p->shape();
        if (s.h < o.size + 4 || s.w < o.size + 4)
            return fail("the picture is {}x{}: expected at least {} pixels per side for filters of {}x{}", s.w, s.h,
                        o.size + 4, o.size, o.size);
        const auto [low, high] = std::minmax_element(p->data(), p->data() + p->size());
        range = std::max(range, static_cast<double>(*high - *low));
    }
    if (range < 0.01) return fail("the picture has only one color: all its patches are the same");
    FilterLearner l;
    l.options_ = o;
    l.simd_ = simd ? simd : &available_simd().front();
    l.random_.seed(o.seed);
    l.values_ = 3 * o.size * o.size;
    l.view_.rounds = o.rounds;
    const int middle = o.size / 2;
    const double width = 4.0 * o.size / 11.0;
    for (int y = -middle; y <= middle; ++y)
        for (int x = -middle; x <= middle; ++x)
            l.window_.push_back(static_cast<float>(std::exp(-(x * x + y * y) / (2 * width * width))));
    l.patches_ = Tensor({(o.patches + lane_images - 1) / lane_images, l.values_, 1, lane_images}, 0.0F);
    for (int i = 0; i < o.patches; ++i)
        l.take_patch(*pictures[static_cast<std::size_t>(l.draw(static_cast<int>(pictures.size())))], i % lane_images,
                     l.patches_.plane(i / lane_images, 0).data());
    for (int k = 0; k < o.filters; ++k) l.restart(k);
    return l;
}

/// Takes a patch at a random position, subtracts its mean, divides it by its standard deviation, and weakens it toward
/// its border.
void FilterLearner::take_patch(const Tensor& picture, int lane, float* block) {
    const int size = options_.size, top = draw(picture.shape().h - size + 1), left = draw(picture.shape().w - size + 1);
    const auto at = [&](std::size_t i) -> float& { return block[i * L + static_cast<std::size_t>(lane)]; };
    const auto count = static_cast<std::size_t>(values_), plane = window_.size();
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const int in_plane = static_cast<int>(i % plane);
        at(i) = picture.at(0, static_cast<int>(i / plane), top + in_plane / size, left + in_plane % size);
        sum += static_cast<double>(at(i));
    }
    const double mean = sum / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i)
        squares += (static_cast<double>(at(i)) - mean) * (static_cast<double>(at(i)) - mean);
    const double contrast = std::sqrt(squares / static_cast<double>(count) + 10.0 / (255.0 * 255.0));
    for (std::size_t i = 0; i < count; ++i)
        at(i) = static_cast<float>((static_cast<double>(at(i)) - mean) / contrast) * window_[i % plane];
}

void FilterLearner::center() {
    const auto count = static_cast<std::size_t>(values_);
    const int lanes_left = options_.patches % lane_images;
    std::vector<double> mean(count, 0.0);
    for (int b = 0; b < patches_.shape().n; ++b)
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t l = 0; l < L; ++l)
                mean[i] += static_cast<double>(patches_.plane(b, static_cast<int>(i))[l]) / options_.patches;
    for (int b = 0; b < patches_.shape().n; ++b) {
        const std::size_t here =
            b == patches_.shape().n - 1 && lanes_left > 0 ? static_cast<std::size_t>(lanes_left) : L;
        for (std::size_t i = 0; i < count; ++i)
            for (std::size_t l = 0; l < here; ++l)
                patches_.plane(b, static_cast<int>(i))[l] -= static_cast<float>(mean[i]);
    }
}

void FilterLearner::whiten() {
    center();
    const auto n = static_cast<std::size_t>(values_);
    const int blocks = patches_.shape().n;
    constexpr int parts = 8;  // added in a fixed order, so the result does not depend on the number of threads
    std::vector<std::vector<float>> sums(parts);
    parallel_for(parts, [&](int part) {
        auto& sum = sums[static_cast<std::size_t>(part)];
        sum.assign(n * n, 0.0F);
        for (int b = part; b < blocks; b += parts) {
            const float* block = patches_.plane(b, 0).data();
            simd_->lane.outer_sums(block, values_, block, values_, sum.data());
        }
    });
    std::vector<float> c(n * n, 0.0F);
    for (const auto& sum : sums)
        for (std::size_t i = 0; i < n * n; ++i) c[i] += sum[i] / static_cast<float>(options_.patches);
    for (std::size_t i = 0; i < n; ++i) c[i * n + i] += 0.1F;
    whitening_ = inverse_root(simd_->lane, c, values_);
    const LaneConv rows({values_, values_});
    CountedVector<float> packed;
    rows.pack_forward(whitening_, packed);
    parallel_for(blocks, [&](int b) {
        Tensor out({1, values_, 1, lane_images});
        rows.forward(simd_->lane, patches_.plane(b, 0).data(), packed, {}, out.data());
        std::copy_n(out.data(), out.size(), patches_.plane(b, 0).data());
    });
}

/// Sets a filter to a random direction.
void FilterLearner::restart(int filter) {
    const auto n = static_cast<std::size_t>(values_);
    filters_.resize(static_cast<std::size_t>(options_.filters) * n);
    const std::span<float> v(&filters_[static_cast<std::size_t>(filter) * n], n);
    for (float& x : v)
        x = draw_unit() + draw_unit() + draw_unit() + draw_unit() - 2.0F;  // approximately a normal distribution
    make_unit(v);
}

void FilterLearner::cluster() {
    const auto n = static_cast<std::size_t>(values_), filters = static_cast<std::size_t>(options_.filters);
    const int blocks = patches_.shape().n;
    const LaneConv rows({values_, options_.filters});
    CountedVector<float> packed;
    rows.pack_forward(filters_, packed);
    std::vector<float> responses(static_cast<std::size_t>(options_.patches));
    std::vector<std::size_t> winners(responses.size());
    parallel_for(blocks, [&](int b) {
        Tensor out({1, options_.filters, 1, lane_images});
        rows.forward(simd_->lane, patches_.plane(b, 0).data(), packed, {}, out.data());
        for (std::size_t l = 0; l < L; ++l) {
            const std::size_t p = static_cast<std::size_t>(b) * L + l;
            if (p >= responses.size()) break;
            for (std::size_t k = 0; k < filters; ++k)
                if (const float r = out.data()[k * L + l]; k == 0 || std::abs(r) > std::abs(responses[p]))
                    responses[p] = r, winners[p] = k;
        }
    });
    std::vector<float> sums(filters_.size(), 0.0F);
    view_.patches.assign(filters, 0);
    for (std::size_t p = 0; p < responses.size(); ++p) {
        const float* patch = patches_.plane(static_cast<int>(p / L), 0).data() + p % L;
        float* to = &sums[winners[p] * n];
        for (std::size_t i = 0; i < n; ++i) to[i] += responses[p] * patch[i * L];
        ++view_.patches[winners[p]];
    }
    filters_ = std::move(sums);
    for (std::size_t k = 0; k < filters; ++k) {
        const std::span<float> filter(&filters_[k * n], n);
        if (static_cast<std::size_t>(view_.patches[k]) * 20 * filters <
            responses.size()) {  // it won too few patches: restart it at a random patch
            const auto p = static_cast<std::size_t>(draw(options_.patches));
            for (std::size_t i = 0; i < n; ++i)
                filter[i] = patches_.plane(static_cast<int>(p / L), 0).data()[i * L + p % L];
        }
        make_unit(filter);
    }
}

void FilterLearner::publish() {
    const auto n = static_cast<std::size_t>(values_);
    Tensor patterns({options_.filters, 3, options_.size, options_.size}), kernels(patterns.shape());
    std::copy(filters_.begin(), filters_.end(), patterns.data());
    for (std::size_t k = 0; k < static_cast<std::size_t>(options_.filters); ++k) {
        const std::span<float> to(kernels.data() + k * n, n);
        double mean = 0;
        for (std::size_t i = 0; i < n; ++i) {
            float sum = 0;
            for (std::size_t j = 0; j < n; ++j) sum += whitening_[i * n + j] * filters_[k * n + j];
            to[i] = sum * window_[i % window_.size()];
            mean += static_cast<double>(to[i]) / static_cast<double>(n);
        }
        for (float& v : to) v -= static_cast<float>(mean);
        make_unit(to);
    }
    view_.patterns = std::make_shared<const Tensor>(std::move(patterns));
    view_.kernels = std::make_shared<const Tensor>(std::move(kernels));
    view_.time_line.push_back({view_.round, view_.patterns, view_.kernels, view_.patches});
    starts_.push_back({random_, filters_});
}

void FilterLearner::go_back(std::size_t index) {
    if (index >= view_.time_line.size()) return;
    view_.time_line.resize(index + 1);
    starts_.resize(index + 1);
    const FilterMoment& moment = view_.time_line.back();
    view_.round = moment.round, view_.patterns = moment.patterns, view_.kernels = moment.kernels,
    view_.patches = moment.patches;
    view_.finished = view_.round >= options_.rounds;
    random_ = starts_.back().random;
    filters_ = starts_.back().filters;
}

bool FilterLearner::step() {
    if (view_.finished) return false;
    if (!whitened_) {
        whiten();
        whitened_ = true;
    } else {
        cluster();
        ++view_.round;
    }
    publish();
    view_.finished = view_.round >= options_.rounds;
    return !view_.finished;
}

}  // namespace convlens
