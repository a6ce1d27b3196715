/// Kernels as sums of separable ones.
#include "engine/filter/separable.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace convlens {

SeparableKernel::SeparableKernel(const Tensor& weight, int index, ChannelSplit split) : split_(split) {
    const Shape& s = weight.shape();
    shape_ = {1, s.c, s.h, s.w};
    const float* const kernel = weight.plane(index, 0).data();
    const std::vector<double> values(kernel, kernel + shape_.count());
    const int parts = split == ChannelSplit::joint ? 1 : s.c, rows = split == ChannelSplit::joint ? s.c * s.h : s.h;
    const std::size_t size = static_cast<std::size_t>(rows) * static_cast<std::size_t>(s.w);
    for (std::size_t i = 0; i < static_cast<std::size_t>(parts); ++i)
        parts_.push_back(svd(std::span(values).subspan(i * size, size), rows, s.w));
    values_.assign(parts_.front().s.size(), 0.0);
    for (const Svd& part : parts_)
        for (std::size_t i = 0; i < values_.size(); ++i) values_[i] = std::hypot(values_[i], part.s[i]);
}

double SeparableKernel::error(int rank) const {
    double rest = 0, all = 0;
    for (std::size_t i = 0; i < values_.size(); ++i) {
        all += values_[i] * values_[i];
        if (static_cast<int>(i) >= rank) rest += values_[i] * values_[i];
    }
    return all > 0 ? std::sqrt(rest / all) : 0;
}

int SeparableKernel::rank_for(double most) const {
    int rank = 1;
    while (rank < full_rank() && error(rank) > most) ++rank;
    return rank;
}

Tensor SeparableKernel::approximation(int rank) const {
    assert(rank >= 0 && rank <= full_rank());
    Tensor kernel(shape_);
    float* to = kernel.data();
    for (const Svd& part : parts_)
        for (int y = 0; y < part.rows; ++y)
            for (int x = 0; x < part.columns; ++x) {
                double sum = 0;
                for (int i = 0; i < rank; ++i)
                    sum += part.s[static_cast<std::size_t>(i)] * part.u[static_cast<std::size_t>(i * part.rows + y)] *
                           part.v[static_cast<std::size_t>(i * part.columns + x)];
                *to++ = static_cast<float>(sum);
            }
    return kernel;
}

std::int64_t SeparableKernel::multiply_adds(int rank) const {
    const std::int64_t c = shape_.c, h = shape_.h, w = shape_.w;
    return split_ == ChannelSplit::joint ? rank * (c * h + w) : c * rank * (h + w);
}

std::int64_t SeparableKernel::direct_multiply_adds() const { return static_cast<std::int64_t>(shape_.count()); }

}  // namespace convlens
