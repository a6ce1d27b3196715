/// Draws on images.
#include "engine/document/drawing.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace convlens {
namespace {

std::uint8_t mixed(std::uint8_t below, std::uint8_t above, float share) {
    const float value = static_cast<float>(below) + (static_cast<float>(above) - static_cast<float>(below)) * share;
    return static_cast<std::uint8_t>(value + 0.5F);
}

/// Returns the distance of a point from the line between `a` and `b`.
float distance(DrawPoint p, DrawPoint a, DrawPoint b) {
    const float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    const float along = length > 0 ? std::clamp(((p.x - a.x) * dx + (p.y - a.y) * dy) / length, 0.0F, 1.0F) : 0.0F;
    return std::hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

bool equal(const std::uint8_t* a, const Rgba& b) { return std::equal(b.begin(), b.end(), a); }

}  // namespace

void draw_stroke(Image& image, DrawPoint from, DrawPoint to, float diameter, Rgba color) {
    const float radius = std::max(diameter, 0.0F) / 2, reach = radius + 1;
    const auto limit = [](float value, int size) {
        return static_cast<int>(std::clamp(std::floor(value), 0.0F, static_cast<float>(size)));
    };
    const int left = limit(std::min(from.x, to.x) - reach, image.width),
              right = limit(std::max(from.x, to.x) + reach + 1, image.width),
              top = limit(std::min(from.y, to.y) - reach, image.height),
              bottom = limit(std::max(from.y, to.y) + reach + 1, image.height);
    for (int y = top; y < bottom; ++y)
        for (int x = left; x < right; ++x) {
            const DrawPoint middle{static_cast<float>(x) + 0.5F, static_cast<float>(y) + 0.5F};
            const float share = std::clamp(radius + 0.5F - distance(middle, from, to), 0.0F, 1.0F);
            std::uint8_t* pixel = image.pixel(x, y);
            for (std::size_t c = 0; c < 4; ++c) pixel[c] = mixed(pixel[c], color[c], share);
        }
}

void fill_area(Image& image, int x, int y, Rgba color) {
    if (x < 0 || y < 0 || x >= image.width || y >= image.height) return;
    Rgba old;
    std::copy_n(image.pixel(x, y), 4, old.begin());
    if (old == color) return;
    std::vector<std::pair<int, int>> open{{x, y}};
    std::copy(color.begin(), color.end(), image.pixel(x, y));
    while (!open.empty()) {
        const auto [px, py] = open.back();
        open.pop_back();
        for (const auto& [dx, dy] : {std::pair(1, 0), {-1, 0}, {0, 1}, {0, -1}}) {
            const int nx = px + dx, ny = py + dy;
            if (nx < 0 || ny < 0 || nx >= image.width || ny >= image.height || !equal(image.pixel(nx, ny), old))
                continue;
            std::copy(color.begin(), color.end(), image.pixel(nx, ny));
            open.emplace_back(nx, ny);
        }
    }
}

void invert(Image& image) {
    for (std::size_t i = 0; i < image.rgba.size(); ++i)
        if (i % 4 != 3) image.rgba[i] = static_cast<std::uint8_t>(255 - image.rgba[i]);
}

void center(Image& image, Rgba paper) {
    double mass = 0, sum_x = 0, sum_y = 0;
    for (int y = 0; y < image.height; ++y)
        for (int x = 0; x < image.width; ++x) {
            const std::uint8_t* pixel = image.pixel(x, y);
            double weight = 0;
            for (std::size_t c = 0; c < 3; ++c) weight += std::abs(int{pixel[c]} - int{paper[c]});
            mass += weight;
            sum_x += weight * (x + 0.5);
            sum_y += weight * (y + 0.5);
        }
    if (mass == 0) return;
    const auto dx = static_cast<int>(std::lround(image.width / 2.0 - sum_x / mass)),
               dy = static_cast<int>(std::lround(image.height / 2.0 - sum_y / mass));
    Image moved(image.width, image.height, paper);
    for (int y = std::max(0, dy); y < std::min(image.height, image.height + dy); ++y)
        for (int x = std::max(0, dx); x < std::min(image.width, image.width + dx); ++x)
            std::copy_n(image.pixel(x - dx, y - dy), 4, moved.pixel(x, y));
    image = std::move(moved);
}

std::shared_ptr<const Picture> picture_of(const Image& image) {
    Picture picture;
    picture.info = {"PNG", image.width, image.height, 3, 8, 1};
    picture.color = Tensor({1, 3, image.height, image.width});
    for (int c = 0; c < 3; ++c) {
        const auto plane = picture.color.plane(0, c);
        for (std::size_t i = 0; i < plane.size(); ++i)
            plane[i] = static_cast<float>(image.rgba[i * 4 + static_cast<std::size_t>(c)]) / 255.0F;
    }
    return std::make_shared<const Picture>(std::move(picture));
}

Image image_of(const Picture& picture) {
    const Shape s = picture.color.shape();
    Image image(s.w, s.h, {0, 0, 0, 255});
    for (int c = 0; c < 3; ++c) {
        const auto plane = picture.color.plane(0, c);
        for (std::size_t i = 0; i < plane.size(); ++i)
            image.rgba[i * 4 + static_cast<std::size_t>(c)] =
                static_cast<std::uint8_t>(std::clamp(plane[i], 0.0F, 1.0F) * 255.0F + 0.5F);
    }
    return image;
}

}  // namespace convlens
