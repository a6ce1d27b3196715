/// Filters of whole layers.
#include "engine/filter/filter_bank.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "engine/core/parallel.h"
#include "engine/filter/separable.h"

namespace convlens {
namespace {

constexpr float directed = 0.1F;  ///< Selectivity from which a kernel has a direction, see ordered().

std::span<const float> kernel_values(const Tensor& weight, int index) {
    const Shape& s = weight.shape();
    return {weight.plane(index, 0).data(), static_cast<std::size_t>(s.c) * s.plane()};
}

/// Returns the sum of the input channels of a kernel.
std::vector<float> channel_sum(const Tensor& weight, int index) {
    const Shape& s = weight.shape();
    std::vector<float> sum(s.plane(), 0.0F);
    for (int c = 0; c < s.c; ++c) {
        const auto plane = weight.plane(index, c);
        for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += plane[i];
    }
    return sum;
}

/// Fits a Gabor function to the plane that comes closest to the kernel, and sets how close that is.
void fit(const Tensor& weight, int index, KernelFilter& filter) {
    const Shape& s = weight.shape();
    const auto values = kernel_values(weight, index);
    const std::vector<double> in_double(values.begin(), values.end());
    const Svd found = svd(in_double, s.c, static_cast<int>(s.plane()));
    double all = 0;
    for (const double v : found.s) all += v * v;
    if (!(all > 0)) return;
    filter.plane_share = found.s.front() * found.s.front() / all;
    // The sign of a singular vector is arbitrary: that of most of the channels.
    double sign = 0;
    for (int c = 0; c < s.c; ++c) sign += found.u[static_cast<std::size_t>(c)];
    std::vector<float> plane;
    for (std::size_t i = 0; i < s.plane(); ++i)
        plane.push_back(static_cast<float>(std::copysign(found.s.front(), sign) * found.v[i]));
    filter.gabor = fit_gabor(plane, {s.h, s.w});
}

/// Returns the color of a hue of 0..360 degrees (HSV with full saturation), with brightness 0..1.
Rgba hue(double degrees, double brightness) {
    const auto part = [&](double offset) {
        const double k = std::fmod(offset + degrees / 60, 6.0);
        const double v = 1 - std::clamp(std::min(k, 4 - k), 0.0, 1.0);
        return static_cast<std::uint8_t>(std::lround(255 * brightness * v));
    };
    return {part(5), part(3), part(1), 255};
}

}  // namespace

std::shared_ptr<const Tensor> applied_kernels(const Conv2d& conv) {
    const Size2 dilation = conv.params.dilation;
    if (!conv.params.flip && dilation == Size2{1, 1}) return conv.weight;
    const Shape s = conv.weight->shape(), wide{s.n, s.c, (s.h - 1) * dilation.h + 1, (s.w - 1) * dilation.w + 1};
    Tensor made(wide, 0.0F);
    for (int o = 0; o < s.n; ++o)
        for (int c = 0; c < s.c; ++c)
            for (int y = 0; y < s.h; ++y)
                for (int x = 0; x < s.w; ++x)
                    made.at(o, c, y * dilation.h, x * dilation.w) =
                        conv.params.flip ? conv.weight->at(o, c, s.h - 1 - y, s.w - 1 - x)
                                         : conv.weight->at(o, c, y, x);
    return std::make_shared<const Tensor>(std::move(made));
}

Tensor input_channel(const Tensor& weight, int channel) {
    const Shape& s = weight.shape();
    Tensor made({s.n, 1, s.h, s.w});
    for (int o = 0; o < s.n; ++o) std::ranges::copy(weight.plane(o, channel), made.plane(o, 0).begin());
    return made;
}

KernelFilter kernel_filter(const Tensor& weight, int index, const ResponsePlan& plan) {
    const Shape& s = weight.shape();
    KernelFilter filter;
    filter.all = convlens::magnitudes(plan, kernel_values(weight, index));
    filter.of_all = read_off(filter.all);
    const FrequencyResponse gray = plan.response(channel_sum(weight, index));
    filter.gray_dc = gray.at(0, 0).real();
    filter.gray = convlens::magnitudes(gray);
    filter.of_gray = read_off(filter.gray);
    fit(weight, index, filter);
    const bool decomposed = std::max(s.h, s.w) <= max_decomposed;
    for (const ChannelSplit split : {ChannelSplit::per_channel, ChannelSplit::joint})
        filter.rank1_error[static_cast<std::size_t>(split)] =
            decomposed ? SeparableKernel(weight, index, split).error(1) : NAN;
    return filter;
}

std::optional<FilterBank> FilterBankCache::filters(std::shared_ptr<const Tensor> weight,
                                                   const std::vector<int>& indices, int size, const Cancel& cancel) {
    const Shape& s = weight->shape();
    const bool comparable = weight_ && weight_->shape() == s && size_ == size;
    FilterBank bank(indices.size());
    const ResponsePlan plan({s.h, s.w}, size);
    const bool done = for_each_tile(std::ssize(indices), cancel, [&](std::ptrdiff_t i) {
        const int index = indices[static_cast<std::size_t>(i)];
        auto& filter = bank[static_cast<std::size_t>(i)];
        if (const auto same = std::ranges::find(indices_, index);
            comparable && same != indices_.end() &&
            std::ranges::equal(kernel_values(*weight_, index), kernel_values(*weight, index)))
            filter = bank_[static_cast<std::size_t>(same - indices_.begin())];
        else
            filter = std::make_shared<const KernelFilter>(kernel_filter(*weight, index, plan));
    });
    if (!done) return std::nullopt;
    weight_ = std::move(weight);
    indices_ = indices;
    size_ = size;
    bank_ = bank;
    return bank;
}

std::span<const std::string_view> filter_order_names() {
    static constexpr std::string_view names[] = {"index", "orientation", "frequency"};
    return names;
}

std::span<const std::string_view> response_of_names() {
    static constexpr std::string_view names[] = {"all", "gray"};
    return names;
}

std::vector<int> ordered(const FilterBank& bank, FilterOrder order, ResponseOf of) {
    std::vector<int> positions(bank.size());
    std::iota(positions.begin(), positions.end(), 0);
    const auto key = [&](int i) {
        const FilterNumbers& n = bank[static_cast<std::size_t>(i)]->numbers(of);
        if (order == FilterOrder::frequency) return n.frequency;
        return n.frequency <= 0 || n.selectivity < directed ? 360.0F : n.orientation;
    };
    if (order != FilterOrder::index) std::ranges::stable_sort(positions, [&](int a, int b) { return key(a) < key(b); });
    return positions;
}

Image response_picture(const Magnitudes& m, float peak, bool decibels, Colormap colormap) {
    Image image(m.size, m.size);
    const auto palette = colors(colormap);
    const float scale = peak > 0 ? 1 / peak : 0;
    for (int y = 0; y < m.size; ++y)
        for (int x = 0; x < m.size; ++x) {
            float t = m.sample(y - m.size / 2, x - m.size / 2) * scale;
            if (decibels) t = 1 - 20 * std::log10(std::max(t, 1e-9F)) / least_decibels;
            std::copy_n(palette[static_cast<std::size_t>(color_index(t))].data(), 4, image.pixel(x, y));
        }
    return image;
}

Image phase_picture(const FrequencyResponse& r) {
    Image image(r.size, r.size);
    const Magnitudes m = magnitudes(r);
    const float peak = *std::ranges::max_element(m.values);
    const int half = r.size / 2;
    for (int y = 0; y < r.size; ++y)
        for (int x = 0; x < r.size; ++x) {
            const int fx = x - half, sign = fx < 0 ? -1 : 1, fy = (y - half) * sign;
            std::complex<float> h = r.at((fy + r.size) % r.size, fx * sign);
            if (sign < 0) h = std::conj(h);
            const double degrees = std::arg(h) * 180 / std::numbers::pi;
            const double brightness = peak > 0 ? std::sqrt(std::abs(h) / peak) : 0.0F;
            std::copy_n(hue(degrees < 0 ? degrees + 360 : degrees, brightness).data(), 4, image.pixel(x, y));
        }
    return image;
}

}  // namespace convlens
