/// The formulas of the test images.
#include "engine/document/pattern.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "engine/core/named.h"

namespace convlens {
namespace {

constexpr std::array<std::string_view, 7> names{"impulse", "step", "zone", "bars", "noise", "checker", "star"};
constexpr double pi = std::numbers::pi;

double zone(int y, int x, Size2 size) {
    // The phase k r^2 has the local frequency k r / pi; Nyquist, 1/2, is reached at r = shorter side / 2.
    const double dy = y - (size.h - 1) / 2.0, dx = x - (size.w - 1) / 2.0;
    const double k = pi / std::max(std::min(size.h, size.w), 1);
    return 0.5 + 0.5 * std::cos(k * (dx * dx + dy * dy));
}

double bars(int y, int x, Size2 size) {
    const int field_h = std::max((size.h + 1) / 2, 1), field_w = std::max((size.w + 3) / 4, 1);
    const double angle = (y / field_h * 4 + x / field_w) * pi / 8;
    return 0.5 + 0.5 * std::cos(2 * pi / 8 * (x * std::cos(angle) + y * std::sin(angle)));
}

double star(int y, int x, Size2 size) {
    const double angle = std::atan2(y - (size.h - 1) / 2.0, x - (size.w - 1) / 2.0);
    return std::cos(36 * angle) > 0 ? 1 : 0;
}

double gray_value(Pattern pattern, int y, int x, Size2 size) {
    switch (pattern) {
        case Pattern::impulse: return y == size.h / 2 && x == size.w / 2 ? 1 : 0;
        case Pattern::step: return x >= size.w / 2 ? 1 : 0;
        case Pattern::zone: return zone(y, x, size);
        case Pattern::bars: return bars(y, x, size);
        case Pattern::checker: return (y / 8 + x / 8) % 2;
        case Pattern::star: return star(y, x, size);
        case Pattern::noise: break;
    }
    return 0;
}

}  // namespace

std::span<const std::string_view> pattern_names() { return names; }

std::string_view to_string(Pattern pattern) { return names[static_cast<std::size_t>(pattern)]; }

std::optional<Pattern> pattern_from(std::string_view name) { return named<Pattern>(names, name); }

Tensor make_pattern(Pattern pattern, Size2 size, std::uint32_t seed) {
    Tensor tensor({1, 3, size.h, size.w});
    if (pattern == Pattern::noise) {
        std::mt19937 stream(seed);
        for (float& v : tensor.values()) v = static_cast<float>(stream() >> 8) * 0x1p-24F;
        return tensor;
    }
    for (int y = 0; y < size.h; ++y)
        for (int x = 0; x < size.w; ++x) tensor.at(0, 0, y, x) = static_cast<float>(gray_value(pattern, y, x, size));
    const auto gray = tensor.plane(0, 0);
    for (int c = 1; c < 3; ++c) std::copy(gray.begin(), gray.end(), tensor.plane(0, c).begin());
    return tensor;
}

}  // namespace convlens
