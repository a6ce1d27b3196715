/// Converts pixels of the screen.
#include "engine/io/screen_frame.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace convlens {
namespace {

/// Fills the three planes; load(p) returns the pixel that begins at byte `p`.
template <int bytes_of_pixel, class Load>
void convert(const PixelLayout& layout, std::span<const std::byte> bytes, std::size_t row_bytes, Tensor& color,
             const Load& load) {
    const Shape s = color.shape();
    const std::array<std::uint32_t, 3> masks{layout.red, layout.green, layout.blue};
    for (int c = 0; c < 3; ++c) {
        const std::uint32_t mask = masks[static_cast<std::size_t>(c)];
        const int shift = std::countr_zero(mask);
        const auto largest = static_cast<float>(mask >> shift);
        for (int y = 0; y < s.h; ++y) {
            const auto* from =
                reinterpret_cast<const std::uint8_t*>(bytes.data()) + static_cast<std::size_t>(y) * row_bytes;
            float* to = &color.at(0, c, y, 0);
            for (std::size_t x = 0; x < static_cast<std::size_t>(s.w); ++x)
                to[x] =
                    static_cast<float>(static_cast<int>((load(from + x * bytes_of_pixel) & mask) >> shift)) / largest;
        }
    }
}

}  // namespace

Expected<void> check_layout(const PixelLayout& layout) {
    if (layout.bits != 16 && layout.bits != 24 && layout.bits != 32)
        return fail("it has {} bits per pixel: expected 16, 24 or 32", layout.bits);
    std::uint32_t used = 0;
    for (const std::uint32_t mask : {layout.red, layout.green, layout.blue}) {
        const int count = std::popcount(mask);
        const bool in_a_row =
            count >= 1 && count <= 16 && static_cast<int>(std::bit_width(mask)) - std::countr_zero(mask) == count;
        if (!in_a_row || (used & mask) != 0 || static_cast<int>(std::bit_width(mask)) > layout.bits)
            return fail("its colors have the bits {:x}, {:x} and {:x}: expected three different parts of a pixel",
                        layout.red, layout.green, layout.blue);
        used |= mask;
    }
    return {};
}

void convert_pixels(const PixelLayout& layout, std::span<const std::byte> bytes, std::size_t row_bytes, Tensor& color) {
    using Byte = const std::uint8_t*;
    using Bits = std::uint32_t;
    const auto all = [&]<int n>(std::integral_constant<int, n>, const auto& load) {
        convert<n>(layout, bytes, row_bytes, color, load);
    };
    constexpr std::integral_constant<int, 2> two;
    constexpr std::integral_constant<int, 3> three;
    constexpr std::integral_constant<int, 4> four;
    if (layout.bits == 16 && layout.big_endian)
        all(two, [](Byte p) { return Bits{p[0]} << 8U | Bits{p[1]}; });
    else if (layout.bits == 16)
        all(two, [](Byte p) { return Bits{p[1]} << 8U | Bits{p[0]}; });
    else if (layout.bits == 24 && layout.big_endian)
        all(three, [](Byte p) { return Bits{p[0]} << 16U | Bits{p[1]} << 8U | Bits{p[2]}; });
    else if (layout.bits == 24)
        all(three, [](Byte p) { return Bits{p[2]} << 16U | Bits{p[1]} << 8U | Bits{p[0]}; });
    else if (layout.big_endian)
        all(four, [](Byte p) { return Bits{p[0]} << 24U | Bits{p[1]} << 16U | Bits{p[2]} << 8U | Bits{p[3]}; });
    else
        all(four, [](Byte p) { return Bits{p[3]} << 24U | Bits{p[2]} << 16U | Bits{p[1]} << 8U | Bits{p[0]}; });
}

Rect inside_screen(Rect region, Size2 screen) {
    const int w = std::clamp(region.w, 1, std::max(screen.w, 1)), h = std::clamp(region.h, 1, std::max(screen.h, 1));
    return {std::clamp(region.x, 0, std::max(screen.w - w, 0)), std::clamp(region.y, 0, std::max(screen.h - h, 0)), w,
            h};
}

}  // namespace convlens
