/// Drawing of kernels and inputs.
#include "engine/view/kernel_picture.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "engine/view/colormap.h"
#include "engine/view/grid.h"

namespace convlens {
namespace {

std::uint8_t signed_byte(float value, float largest) {
    const float unit = largest > 0.0F ? value / largest : 0.0F;
    return static_cast<std::uint8_t>(std::lround(std::clamp(128.0F + 127.5F * unit, 0.0F, 255.0F)));
}

}  // namespace

Image kernel_picture(const Tensor& weight, int index) {
    const Shape& s = weight.shape();
    Image image(s.w, s.h, {128, 128, 128, 255});
    const bool color = s.c == 3;
    const auto value = [&](int channel, int y, int x) {
        if (color) return weight.at(index, channel, y, x);
        float sum = 0.0F;
        for (int c = 0; c < s.c; ++c) sum += weight.at(index, c, y, x);
        return sum;
    };
    const int shown = color ? 3 : 1;
    float largest = 0.0F;
    for (int c = 0; c < shown; ++c)
        for (int y = 0; y < s.h; ++y)
            for (int x = 0; x < s.w; ++x) largest = std::max(largest, std::abs(value(c, y, x)));
    for (int y = 0; y < s.h; ++y)
        for (int x = 0; x < s.w; ++x)
            for (int c = 0; c < 3; ++c) image.pixel(x, y)[c] = signed_byte(value(color ? c : 0, y, x), largest);
    return image;
}

Image kernel_strip(const Tensor& weight, int columns) {
    const Shape& s = weight.shape();
    const int rows = (s.n + columns - 1) / columns;
    Image strip(columns * s.w, rows * s.h, {128, 128, 128, 255});
    for (int o = 0; o < s.n; ++o) {
        const Image kernel = kernel_picture(weight, o);
        for (int y = 0; y < s.h; ++y)
            std::copy_n(kernel.pixel(0, y), s.w * 4, strip.pixel(o % columns * s.w, o / columns * s.h + y));
    }
    return strip;
}

Expected<Image> picture_grid(const Tensor& pictures, int columns, int least_side, Rgba between) {
    constexpr int gap = 2;
    const Shape s = pictures.shape();
    const int side = std::max({s.h, s.w, 1}), zoom = std::max(1, (least_side + side - 1) / side);
    const int width = s.w * zoom, height = s.h * zoom;
    columns = std::clamp(columns, 1, std::max(s.n, 1));
    const int rows = (s.n + columns - 1) / columns;
    if (std::int64_t{columns} * (width + gap) + gap > max_picture_side ||
        std::int64_t{rows} * (height + gap) + gap > max_picture_side)
        return fail(
            "an image of {}x{} pictures of {}x{} pixels is too large, expected at most {} pixels per side: choose "
            "fewer channels",
            columns, rows, width, height, max_picture_side);
    Image image(columns * (width + gap) + gap, rows * (height + gap) + gap, between);
    for (int n = 0; n < s.n; ++n)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                std::uint8_t* to =
                    image.pixel(gap + n % columns * (width + gap) + x, gap + n / columns * (height + gap) + y);
                for (int c = 0; c < 3; ++c) {
                    const float v = pictures.at(n, s.c == 3 ? c : 0, y / zoom, x / zoom);
                    to[c] = static_cast<std::uint8_t>(std::lround(std::clamp(v, 0.0F, 1.0F) * 255.0F));
                    to[3] = 255;
                }
            }
    return image;
}

Image input_picture(const Tensor& input, int item, int max_side, const float* lo, const float* hi) {
    const Shape& s = input.shape();
    const double scale = std::max(1.0, static_cast<double>(std::max(s.h, s.w)) / max_side);
    const int width = std::max(1, static_cast<int>(s.w / scale)), height = std::max(1, static_cast<int>(s.h / scale));
    Image image(width, height, {0, 0, 0, 255});
    const int channels = s.c == 3 ? 3 : 1;
    for (int c = 0; c < channels; ++c)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const int y0 = y * s.h / height, y1 = std::max(y0 + 1, (y + 1) * s.h / height);
                const int x0 = x * s.w / width, x1 = std::max(x0 + 1, (x + 1) * s.w / width);
                float sum = 0.0F;
                for (int j = y0; j < y1; ++j)
                    for (int i = x0; i < x1; ++i) sum += input.at(item, c, j, i);
                const float mean = sum / static_cast<float>((y1 - y0) * (x1 - x0));
                const float span = hi[c] > lo[c] ? hi[c] - lo[c] : 1.0F;
                const auto byte =
                    static_cast<std::uint8_t>(std::lround(std::clamp((mean - lo[c]) / span, 0.0F, 1.0F) * 255.0F));
                for (int k = c; k < (channels == 1 ? 3 : c + 1); ++k) image.pixel(x, y)[k] = byte;
            }
    return image;
}

Image signed_map(const Tensor& map, float largest) {
    const Shape& s = map.shape();
    Image image(s.w, s.h);
    const auto palette = colors(Colormap::coolwarm);
    for (int y = 0; y < s.h; ++y)
        for (int x = 0; x < s.w; ++x) {
            const float t = largest > 0 ? 0.5F + map.at(0, 0, y, x) / (2 * largest) : 0.5F;
            std::copy_n(palette[static_cast<std::size_t>(color_index(t))].data(), 4, image.pixel(x, y));
        }
    return image;
}

float largest_magnitude(std::span<const float> values) {
    float largest = 0;
    for (const float v : values) largest = std::max(largest, std::abs(v));
    return largest;
}

}  // namespace convlens
