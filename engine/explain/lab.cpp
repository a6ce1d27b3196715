/// Layers, images and comparisons of the weight-sharing lab.
#include "engine/explain/lab.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "engine/core/color.h"
#include "engine/nn/kernel_bank.h"

namespace convlens {
namespace {

constexpr float grain = 256;  ///< Weights and pixels are multiples of 1/grain, so that sums are exact (see LabLayers).

void round_to_grain(std::span<float> values) {
    for (float& v : values) v = std::round(v * grain) / grain;
}

std::shared_ptr<const Tensor> shared(Tensor tensor) { return std::make_shared<const Tensor>(std::move(tensor)); }

/// Returns a tensor of random values, uniform in +-1/sqrt(fan_in).
Tensor random_tensor(Shape shape, int fan_in, std::uint32_t seed) {
    Tensor tensor(shape);
    UniformStream(static_cast<std::uint64_t>(fan_in), seed).fill(tensor.values());
    return tensor;
}

/// Returns a Gaussian or its derivative along x, which is positive on the right. The magnitudes add up to `sum`.
Tensor gaussian_kernel(int size, bool derivative, float sum) {
    Tensor kernel({1, 1, size, size});
    const float middle = static_cast<float>(size - 1) / 2, sigma = static_cast<float>(size) / 5 + 0.1F;
    float magnitude = 0;
    for (int y = 0; y < size; ++y)
        for (int x = 0; x < size; ++x) {
            const float dx = static_cast<float>(x) - middle, dy = static_cast<float>(y) - middle;
            const float value = std::exp(-(dx * dx + dy * dy) / (2 * sigma * sigma)) * (derivative ? dx : 1.0F);
            kernel.at(0, 0, y, x) = value;
            magnitude += std::abs(value);
        }
    for (float& v : kernel.values()) v *= magnitude > 0 ? sum / magnitude : 0.0F;
    return kernel;
}

Tensor conv_kernel(const LabSetup& setup) {
    const int k = setup.kernel_size;
    Tensor kernel = setup.kernel == LabKernel::random ? random_tensor({1, 1, k, k}, k * k, setup.seed)
                                                      : gaussian_kernel(k, setup.kernel == LabKernel::edge && k > 1,
                                                                        setup.kernel == LabKernel::edge ? 2 : 1);
    for (float& v : kernel.values()) v = std::clamp(v, -1.0F, 1.0F);
    round_to_grain(kernel.values());
    return kernel;
}

/// Returns the weights of the locally connected layer: a random kernel for each position, or `kernel` at all positions
/// if setup.tied.
Tensor local_weights(const LabSetup& setup, const Tensor& kernel) {
    const int places = setup.out_side() * setup.out_side(), taps = setup.kernel_size * setup.kernel_size;
    Tensor weight = random_tensor({1, 1, places, taps}, taps, setup.seed + 1);
    round_to_grain(weight.values());
    for (int place = 0; setup.tied && place < places; ++place)
        std::ranges::copy(kernel.values(), &weight.at(0, 0, place, 0));
    return weight;
}

/// Returns the distance of (x, y) from the line segment between a and b.
float distance_to_segment(float x, float y, std::array<float, 2> a, std::array<float, 2> b) {
    const float dx = b[0] - a[0], dy = b[1] - a[1];
    const float t = std::clamp(((x - a[0]) * dx + (y - a[1]) * dy) / (dx * dx + dy * dy), 0.0F, 1.0F);
    return std::hypot(x - a[0] - t * dx, y - a[1] - t * dy);
}

/// Computes a LabDifference from pairs of values.
class Comparison {
  public:
    void add(float before, float after) {
        const double difference = std::abs(static_cast<double>(after) - static_cast<double>(before));
        ++result_.places;
        if (after == before) ++result_.equal;
        result_.largest = std::max(result_.largest, difference);
        sum_ += difference;
    }
    LabDifference result() const {
        LabDifference made = result_;
        if (made.places > 0) made.mean = sum_ / made.places;
        return made;
    }

  private:
    LabDifference result_;
    double sum_ = 0;
};

Expected<Tensor> output_of(const Operation& operation, const std::shared_ptr<const Tensor>& input, Shape shape,
                           Backend& backend, const Cancel& cancel) {
    auto made = backend.forward(Network{{Layer{"lab", operation}}}, input, 0, cancel);
    if (!made) return tl::unexpected(made.error());
    auto values = all_values(**made);
    if (!values) return tl::unexpected(values.error());
    assert(values->size() == shape.count());
    values->reshape(shape);
    return values;
}

}  // namespace

LabCosts lab_costs(std::uint64_t pixels, std::uint64_t units, std::uint64_t taps) {
    return {{pixels * units, pixels * units}, {taps * units, taps * units}, {taps, taps * units}};
}

Size2 lab_shift(const LabSetup& setup, Size2 wanted) {
    const int most = setup.side / 2;
    return {std::clamp(wanted.h, -most, most), std::clamp(wanted.w, -most, most)};
}

LabLayers make_lab_layers(const LabSetup& setup) {
    assert(setup.kernel_size < setup.side && setup.pool >= 1 && setup.pool <= setup.out_side());
    const int out = setup.out_side(), pixels = setup.side * setup.side, k = setup.kernel_size;
    LabLayers layers;
    layers.setup = setup;
    layers.full.spec = {pixels, out * out, false};
    layers.full.weight = shared(random_tensor({out * out, pixels, 1, 1}, pixels, setup.seed + 2));
    layers.conv.weight = shared(conv_kernel(setup));
    layers.local.spec = {1, 1, {out, out}, {k, k}, {1, 1}, false};
    layers.local.weight = shared(local_weights(setup, *layers.conv.weight));
    layers.pool.kernel_size = layers.pool.stride = {setup.pool, setup.pool};
    return layers;
}

Tensor lab_digit(int side) {
    constexpr std::array<std::array<float, 2>, 13> stroke{{{0.31F, 0.37F},
                                                           {0.33F, 0.28F},
                                                           {0.40F, 0.22F},
                                                           {0.50F, 0.20F},
                                                           {0.60F, 0.22F},
                                                           {0.66F, 0.29F},
                                                           {0.67F, 0.37F},
                                                           {0.63F, 0.46F},
                                                           {0.54F, 0.56F},
                                                           {0.43F, 0.67F},
                                                           {0.32F, 0.79F},
                                                           {0.50F, 0.79F},
                                                           {0.70F, 0.79F}}};
    const auto size = static_cast<float>(side);
    Tensor image({1, 1, side, side});
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            float nearest = 1;
            for (std::size_t i = 1; i < stroke.size(); ++i)
                nearest = std::min(
                    nearest, distance_to_segment((static_cast<float>(x) + 0.5F) / size,
                                                 (static_cast<float>(y) + 0.5F) / size, stroke[i - 1], stroke[i]));
            const float foreground =
                std::clamp((0.06F - nearest) * size / 1.5F + 0.5F, 0.0F, 1.0F);  // the edge is blurred over 1.5 pixels
            image.at(0, 0, y, x) = std::floor(foreground * 255) / grain;
        }
    return image;
}

Tensor lab_picture(const Image& picture, int side) {
    const int square = std::min(picture.width, picture.height);
    const int left = (picture.width - square) / 2, top = (picture.height - square) / 2;
    const auto span = [&](int i, int offset) {
        const int from = static_cast<int>(std::int64_t{i} * square / side),
                  to = static_cast<int>(std::int64_t{i + 1} * square / side);
        return std::array{offset + from, offset + std::max(to, from + 1)};
    };
    Tensor image({1, 1, side, side});
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x) {
            const auto [y0, y1] = span(y, top);
            const auto [x0, x1] = span(x, left);
            float sum = 0;
            for (int py = y0; py < y1; ++py)
                for (int px = x0; px < x1; ++px) {
                    const std::uint8_t* p = picture.pixel(px, py);
                    sum += luminance(p[0], p[1], p[2]);
                }
            image.at(0, 0, y, x) =
                std::min(std::round(sum / static_cast<float>((y1 - y0) * (x1 - x0))), 255.0F) / grain;
        }
    return image;
}

Tensor shifted(const Tensor& image, Size2 shift) {
    const Shape& s = image.shape();
    Tensor moved(s, 0.0F);
    for (int y = std::max(0, shift.h); y < std::min(s.h, s.h + shift.h); ++y)
        for (int x = std::max(0, shift.w); x < std::min(s.w, s.w + shift.w); ++x)
            moved.at(0, 0, y, x) = image.at(0, 0, y - shift.h, x - shift.w);
    return moved;
}

Expected<LabMaps> run_lab(const LabLayers& layers, const Tensor& image, Backend& backend, const Cancel& cancel) {
    const int out = layers.setup.out_side(), pooled = out / layers.setup.pool;
    const auto input = shared(image.clone());
    const Shape map{1, 1, out, out};
    auto full = output_of(layers.full, input, map, backend, cancel);
    if (!full) return tl::unexpected(full.error());
    auto local = output_of(layers.local, input, map, backend, cancel);
    if (!local) return tl::unexpected(local.error());
    auto conv = output_of(layers.conv, input, map, backend, cancel);
    if (!conv) return tl::unexpected(conv.error());
    auto pool = output_of(layers.pool, shared(conv->clone()), {1, 1, pooled, pooled}, backend, cancel);
    if (!pool) return tl::unexpected(pool.error());
    return LabMaps{std::move(*full), std::move(*local), std::move(*conv), std::move(*pool)};
}

LabDifference after_shifting_back(const Tensor& before, const Tensor& after, Size2 shift) {
    const Shape& s = before.shape();
    assert(s == after.shape());
    Comparison comparison;
    for (int y = std::max(0, -shift.h); y < std::min(s.h, s.h - shift.h); ++y)
        for (int x = std::max(0, -shift.w); x < std::min(s.w, s.w - shift.w); ++x)
            comparison.add(before.at(0, 0, y, x), after.at(0, 0, y + shift.h, x + shift.w));
    return comparison.result();
}

LabDifference in_place(const Tensor& before, const Tensor& after) {
    assert(before.shape() == after.shape());
    Comparison comparison;
    for (std::size_t i = 0; i < before.size(); ++i) {
        const float a = before.values()[i], b = after.values()[i];
        if (a != 0 || b != 0) comparison.add(a, b);
    }
    return comparison.result();
}

}  // namespace convlens
