/// Resizing of images with stb_image_resize.
#include "engine/io/resize.h"

// stb asserts that weights add up to 0.9 .. 1.1 before it normalizes them to 1; when 7 pixels are reduced to 5, they
// add up to more.
#define STBIR_ASSERT(condition) static_cast<void>(0)
#define STB_IMAGE_RESIZE_IMPLEMENTATION
#define STB_IMAGE_RESIZE_STATIC
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image_resize.h>
#pragma GCC diagnostic pop

#include <utility>

#include "engine/io/image_file.h"

namespace convlens {

Expected<Tensor> resize(const Tensor& picture, Size2 size, std::string_view name) {
    Tensor result;
    return resize_into(picture, size, name, result).map([&] { return std::move(result); });
}

Expected<void> resize_into(const Tensor& picture, Size2 size, std::string_view name, Tensor& result) {
    const Shape s = picture.shape();
    if (size.h < 1 || size.w < 1 || size.h > 32768 || size.w > 32768 ||
        static_cast<std::size_t>(size.h) * static_cast<std::size_t>(size.w) > max_picture_pixels)
        return fail("resize to {}x{}: expected 1 to 32768 per side and at most {} pixels", size.w, size.h,
                    max_picture_pixels);
    result.reshape({s.n, s.c, size.h, size.w});
    for (int n = 0; n < s.n; ++n)
        for (int c = 0; c < s.c; ++c) {
            const int ok = stbir_resize_float_generic(
                picture.plane(n, c).data(), s.w, s.h, 0, result.plane(n, c).data(), size.w, size.h, 0, 1,
                STBIR_ALPHA_CHANNEL_NONE, 0, STBIR_EDGE_CLAMP, STBIR_FILTER_TRIANGLE, STBIR_COLORSPACE_LINEAR, nullptr);
            if (!ok) return fail("{} could not be resized to {}x{}: out of memory", name, size.w, size.h);
        }
    return {};
}

}  // namespace convlens
