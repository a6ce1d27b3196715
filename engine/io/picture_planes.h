/// Makes a Picture of decoded pixels: planes of floats, upright.
#pragma once

#include <cstddef>
#include <utility>

#include "engine/io/image_file.h"

namespace convlens {

/// Returns true if the EXIF orientation swaps width and height.
inline bool swaps_sides(int orientation) { return orientation >= 5; }

/// Returns the position of the stored pixel (x, y) in the upright image, by EXIF 2.3, tag 274.
inline std::pair<int, int> upright_position(int x, int y, int width, int height, int orientation) {
    const int mirrored_x = width - 1 - x;
    const int mirrored_y = height - 1 - y;
    switch (orientation) {
        case 2: return {mirrored_x, y};
        case 3: return {mirrored_x, mirrored_y};
        case 4: return {x, mirrored_y};
        case 5: return {y, x};
        case 6: return {mirrored_y, x};
        case 7: return {mirrored_y, mirrored_x};
        case 8: return {y, mirrored_x};
        default: return {x, y};
    }
}

/// Returns the upright image. value(pixel, channel) is the value of stored pixel number `pixel`, counted row by row, in
/// a channel.
template <class Value>
Picture planar(const PictureInfo& info, const Value& value) {
    Picture picture;
    picture.info = info;
    if (swaps_sides(info.orientation)) std::swap(picture.info.width, picture.info.height);
    picture.color = Tensor(Shape{1, 3, picture.info.height, picture.info.width});
    const auto red = picture.color.plane(0, 0);
    const auto green = picture.color.plane(0, 1);
    const auto blue = picture.color.plane(0, 2);
    const bool gray = info.channels < 3;
    const bool alpha = info.channels % 2 == 0;
    if (alpha) picture.alpha.resize(red.size());
    std::size_t pixel = 0;
    for (int y = 0; y < info.height; ++y) {
        for (int x = 0; x < info.width; ++x, ++pixel) {
            const auto [to_x, to_y] = upright_position(x, y, info.width, info.height, info.orientation);
            const std::size_t to = static_cast<std::size_t>(to_y) * static_cast<std::size_t>(picture.info.width) +
                                   static_cast<std::size_t>(to_x);
            red[to] = value(pixel, 0);
            green[to] = gray ? red[to] : value(pixel, 1);
            blue[to] = gray ? red[to] : value(pixel, 2);
            if (alpha) picture.alpha[to] = value(pixel, info.channels - 1);
        }
    }
    return picture;
}

/// Returns the upright image of interleaved pixels: info.channels values per pixel, of which `largest` means 1.
template <class Value>
Picture planar_from(const PictureInfo& info, const Value* values, float largest) {
    return planar(info, [=, channels = static_cast<std::size_t>(info.channels)](std::size_t pixel, int channel) {
        return static_cast<float>(values[pixel * channels + static_cast<std::size_t>(channel)]) / largest;
    });
}

}  // namespace convlens
