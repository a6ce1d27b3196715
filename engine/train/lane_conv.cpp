/// Convolutions on blocks of sixteen interleaved images, computed from tables of offsets.
#include "engine/train/lane_conv.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>
#include <numeric>

namespace convlens {
namespace {

constexpr std::ptrdiff_t L = lane_images;

/// Splits `count` items into as few parts of at most lane_tile as possible, of nearly equal sizes, and calls
/// body(first, here) for each: the index of its first item and the number of its items.
template <class Body>
void in_tiles(int count, const Body& body) {
    int rest = (count + lane_tile - 1) / lane_tile;
    for (int first = 0; first < count; --rest) {
        const int here = (count - first + rest - 1) / rest;
        body(first, here);
        first += here;
    }
}

}  // namespace

LaneConv::LaneConv(const LaneConvShape& s)
    : shape_(s), group_in_(s.in_channels / s.groups), group_out_(s.out_channels / s.groups) {
    output_ = {(s.input.h - s.dilation.h * (s.kernel_size.h - 1) - 1) / s.stride.h + 1,
               (s.input.w - s.dilation.w * (s.kernel_size.w - 1) - 1) / s.stride.w + 1};
    assert(output_.h >= 1 && output_.w >= 1);
    for (int c = 0; c < group_in_; ++c)
        for (int i = 0; i < s.kernel_size.h; ++i)
            for (int j = 0; j < s.kernel_size.w; ++j)
                forward_taps_.push_back(
                    ((static_cast<std::ptrdiff_t>(c) * s.input.h + i * s.dilation.h) * s.input.w + j * s.dilation.w) *
                    L);
    widen_left_ = s.dilation.w * (s.kernel_size.w - 1) / s.stride.w;
    widened_width_ = std::max(widen_left_ + output_.w, widen_left_ + (s.input.w - 1) / s.stride.w + 1);
    for (int y = 0; y < std::min(s.stride.h, s.input.h); ++y)
        for (int x = 0; x < std::min(s.stride.w, s.input.w); ++x) phases_.push_back(make_phase(y, x));
}

LaneConv::Phase LaneConv::make_phase(int y, int x) const {
    Phase phase{{y, x}, {}, {}, {}, {}};
    const Size2 k = shape_.kernel_size, s = shape_.stride, d = shape_.dilation;
    for (int i = 0; i < k.h; ++i)
        if (i * d.h % s.h == y) phase.tap_rows.push_back(i), phase.row_shifts.push_back(i * d.h / s.h);
    for (int j = 0; j < k.w; ++j)
        if (j * d.w % s.w == x) phase.tap_columns.push_back(j);
    for (const int shift : phase.row_shifts)
        for (int o = 0; o < group_out_; ++o)
            for (const int j : phase.tap_columns)
                phase.taps.push_back(((static_cast<std::ptrdiff_t>(o) * output_.h - shift) * widened_width_ -
                                      j * d.w / s.w + widen_left_) *
                                     L);
    return phase;
}

std::size_t LaneConv::input_size() const {
    return static_cast<std::size_t>(shape_.in_channels * L) * static_cast<std::size_t>(shape_.input.h) *
           static_cast<std::size_t>(shape_.input.w);
}
std::size_t LaneConv::output_size() const {
    return static_cast<std::size_t>(shape_.out_channels * L) * static_cast<std::size_t>(output_.h) *
           static_cast<std::size_t>(output_.w);
}
std::size_t LaneConv::scratch_size() const {
    return widened_width_ == output_.w
               ? 0
               : output_size() / static_cast<std::size_t>(output_.w) * static_cast<std::size_t>(widened_width_);
}

std::size_t LaneConv::weight_index(int out_channel, int in_channel, int i, int j) const {
    const Size2 k = shape_.kernel_size;
    if (shape_.flip) i = k.h - 1 - i, j = k.w - 1 - j;
    return ((static_cast<std::size_t>(out_channel) * static_cast<std::size_t>(group_in_) +
             static_cast<std::size_t>(in_channel)) *
                static_cast<std::size_t>(k.h) +
            static_cast<std::size_t>(i)) *
               static_cast<std::size_t>(k.w) +
           static_cast<std::size_t>(j);
}

void LaneConv::pack_forward(std::span<const float> weight, CountedVector<float>& packed) const {
    packed.resize(weight.size());
    float* to = packed.data();
    for (int g = 0; g < shape_.groups; ++g)
        in_tiles(group_out_, [&](int first, int here) {
            for (int c = 0; c < group_in_; ++c)
                for (int i = 0; i < shape_.kernel_size.h; ++i)
                    for (int j = 0; j < shape_.kernel_size.w; ++j)
                        for (int o = 0; o < here; ++o)
                            *to++ = weight[weight_index(g * group_out_ + first + o, c, i, j)];
        });
}

void LaneConv::pack_backward(std::span<const float> weight, CountedVector<float>& packed) const {
    packed.resize(weight.size());
    float* to = packed.data();
    for (int g = 0; g < shape_.groups; ++g)
        in_tiles(group_in_, [&](int first, int here) {
            for (const Phase& phase : phases_)
                for (const int i : phase.tap_rows)
                    for (int o = 0; o < group_out_; ++o)
                        for (const int j : phase.tap_columns)
                            for (int c = 0; c < here; ++c)
                                *to++ = weight[weight_index(g * group_out_ + o, first + c, i, j)];
        });
}

void LaneConv::forward(const LaneLoops& loops, const float* input, std::span<const float> packed,
                       std::span<const float> bias, float* output) const {
    const int taps = static_cast<int>(forward_taps_.size());
    const std::ptrdiff_t in_plane = static_cast<std::ptrdiff_t>(shape_.input.h) * shape_.input.w * L;
    const std::ptrdiff_t out_plane = static_cast<std::ptrdiff_t>(output_.h) * output_.w * L;
    LaneSums job{nullptr,  shape_.stride.w * L, forward_taps_.data(), taps, nullptr, nullptr, 0, output_.w, nullptr, L,
                 out_plane};
    for (int y = 0; y < output_.h; ++y) {
        job.weights = packed.data();
        for (int g = 0; g < shape_.groups; ++g)
            in_tiles(group_out_, [&](int first, int here) {
                const int channel = g * group_out_ + first;
                job.input = input + g * group_in_ * in_plane +
                            static_cast<std::ptrdiff_t>(y) * shape_.stride.h * shape_.input.w * L;
                job.bias = bias.empty() ? nullptr : bias.data() + channel;
                job.outputs = here;
                job.output = output + channel * out_plane + static_cast<std::ptrdiff_t>(y) * output_.w * L;
                loops.sums(job);
                job.weights += static_cast<std::ptrdiff_t>(taps) * here;
            });
    }
}

/// Copies the rows of the output's gradient and adds zero columns on both sides, so that the same taps apply to every
/// input column.
void LaneConv::widen(const float* output_gradient, float* scratch) const {
    const auto row = static_cast<std::size_t>(output_.w * L), left = static_cast<std::size_t>(widen_left_ * L),
               wide = static_cast<std::size_t>(widened_width_ * L);
    const std::size_t rows = output_size() / row;
    for (std::size_t r = 0; r < rows; ++r) {
        float* to = scratch + r * wide;
        std::memset(to, 0, left * sizeof(float));
        std::memcpy(to + left, output_gradient + r * row, row * sizeof(float));
        std::memset(to + left + row, 0, (wide - left - row) * sizeof(float));
    }
}

void LaneConv::phase_rows(const LaneLoops& loops, const Phase& phase, const float* widened, const float* weights,
                          int group, int first_channel, int channels, float* input_gradient) const {
    const Size2 s = shape_.stride, in = shape_.input;
    const int taps_each = group_out_ * static_cast<int>(phase.tap_columns.size());  // per kernel row
    const int rows = static_cast<int>(phase.row_shifts.size());
    LaneSums job;
    job.input_step = L;
    job.outputs = channels;
    job.places = (in.w - 1 - phase.first.w) / s.w + 1;
    job.output_step = s.w * L;
    job.output_pitch = static_cast<std::ptrdiff_t>(in.h) * in.w * L;
    for (int y = phase.first.h; y < in.h; y += s.h) {
        const int q = y / s.h;
        int begin = 0, end = rows;  // kernel rows that overlap an output row
        while (begin < rows && q - phase.row_shifts[static_cast<std::size_t>(begin)] >= output_.h) ++begin;
        while (end > begin && q - phase.row_shifts[static_cast<std::size_t>(end - 1)] < 0) --end;
        job.input = widened + (static_cast<std::ptrdiff_t>(group) * group_out_ * output_.h + q) * widened_width_ * L;
        job.taps = phase.taps.data() + static_cast<std::ptrdiff_t>(begin) * taps_each;
        job.tap_count = (end - begin) * taps_each;
        job.weights = weights + static_cast<std::ptrdiff_t>(begin) * taps_each * channels;
        job.output =
            input_gradient +
            ((static_cast<std::ptrdiff_t>(group * group_in_ + first_channel) * in.h + y) * in.w + phase.first.w) * L;
        loops.sums(job);
    }
}

void LaneConv::backward_input(const LaneLoops& loops, const float* output_gradient, std::span<const float> packed,
                              float* scratch, float* input_gradient) const {
    const float* widened = output_gradient;
    if (scratch_size() > 0) widen(output_gradient, scratch), widened = scratch;
    const float* weights = packed.data();
    for (int g = 0; g < shape_.groups; ++g)
        in_tiles(group_in_, [&](int first, int here) {
            for (const Phase& phase : phases_) {
                phase_rows(loops, phase, widened, weights, g, first, here, input_gradient);
                weights += static_cast<std::ptrdiff_t>(phase.taps.size()) * here;
            }
        });
}

void LaneConv::backward_weight(const LaneLoops& loops, const float* input, const float* output_gradient,
                               std::span<float> weight, std::span<float> bias) const {
    const std::ptrdiff_t in_plane = static_cast<std::ptrdiff_t>(shape_.input.h) * shape_.input.w * L;
    const std::ptrdiff_t places = static_cast<std::ptrdiff_t>(output_.h) * output_.w, out_plane = places * L;
    for (int o = 0; o < static_cast<int>(bias.size()); ++o) {
        std::array<float, lane_images> images{};
        const float* from = output_gradient + o * out_plane;
        for (std::ptrdiff_t p = 0; p < places; ++p)
            for (std::size_t l = 0; l < lane_images; ++l) images[l] += from[p * L + static_cast<std::ptrdiff_t>(l)];
        const double sum = std::accumulate(images.begin(), images.end(), 0.0);
        bias[static_cast<std::size_t>(o)] += static_cast<float>(sum);
    }
    if (places == 1 && shape_.groups == 1 && input_size() == forward_taps_.size() * static_cast<std::size_t>(L) &&
        !shape_.flip) {
        loops.outer_sums(input, static_cast<std::ptrdiff_t>(forward_taps_.size()), output_gradient, shape_.out_channels,
                         weight.data());
        return;
    }
    const auto taps = static_cast<std::ptrdiff_t>(forward_taps_.size());
    std::vector<float> turned;  // sums for rotated kernels; they are rotated back below
    float* sums = weight.data();
    if (shape_.flip) turned.assign(weight.size(), 0.0F), sums = turned.data();
    LaneCorrelation job{nullptr,
                        static_cast<std::ptrdiff_t>(shape_.stride.h) * shape_.input.w * L,
                        shape_.stride.w * L,
                        forward_taps_.data(),
                        static_cast<int>(taps),
                        nullptr,
                        out_plane,
                        0,
                        output_.h,
                        output_.w,
                        nullptr,
                        taps};
    for (int g = 0; g < shape_.groups; ++g)
        in_tiles(group_out_, [&](int first, int here) {
            const int channel = g * group_out_ + first;
            job.input = input + g * group_in_ * in_plane;
            job.gradient = output_gradient + channel * out_plane;
            job.outputs = here;
            job.sums = sums + channel * taps;
            loops.correlate(job);
        });
    if (!shape_.flip) return;
    const auto size = static_cast<std::size_t>(shape_.kernel_size.h * shape_.kernel_size.w);
    for (std::size_t k = 0; k < weight.size(); k += size)
        for (std::size_t t = 0; t < size; ++t) weight[k + t] += turned[k + size - 1 - t];
}

}  // namespace convlens
