/// Uploads images as textures.
#include "app/ui/widgets/texture_cache.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "app/ui/gl.h"

namespace convlens {
namespace {

constexpr int shared_pixels = 256 * 256;  ///< Minimum of an image whose texture a new version takes over.

/// Uploads the rectangle of pixels in which an image differs from the one of the same size in the bound texture.
void upload_difference(const Image& before, const Image& after) {
    const auto row_bytes = static_cast<std::size_t>(after.width) * 4;
    const auto same_row = [&](int y) {
        const std::size_t at = static_cast<std::size_t>(y) * row_bytes;
        return std::memcmp(before.rgba.data() + at, after.rgba.data() + at, row_bytes) == 0;
    };
    int top = 0, bottom = after.height;
    while (top < bottom && same_row(top)) ++top;
    while (top < bottom && same_row(bottom - 1)) --bottom;
    if (top == bottom) return;
    const auto same_columns = [&](int begin, int end) {
        for (int y = top; y < bottom; ++y) {
            const std::size_t at = static_cast<std::size_t>(y) * row_bytes + static_cast<std::size_t>(begin) * 4;
            if (std::memcmp(before.rgba.data() + at, after.rgba.data() + at,
                            static_cast<std::size_t>(end - begin) * 4) != 0)
                return false;
        }
        return true;
    };
    constexpr int step = 16;
    int left = 0, right = after.width;
    while (left + step < right && same_columns(left, left + step)) left += step;
    while (right - step > left && same_columns(right - step, right)) right -= step;
    glPixelStorei(GL_UNPACK_ROW_LENGTH, after.width);
    glTexSubImage2D(GL_TEXTURE_2D, 0, left, top, right - left, bottom - top, GL_RGBA, GL_UNSIGNED_BYTE,
                    after.rgba.data() + static_cast<std::size_t>(top) * row_bytes + static_cast<std::size_t>(left) * 4);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, 0);
}

}  // namespace

TextureCache::~TextureCache() {
    for (const CachedLayer& k : kept_) glDeleteTextures(1, &k.name);
}

unsigned TextureCache::of(const std::shared_ptr<const Image>& image) {
    if (!image) return 0;
    const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const CachedLayer& k) { return k.image == image; });
    if (found != kept_.end()) {
        found->used = true;
        return found->name;
    }
    // A new version of an image that this frame has not shown: only what differs is uploaded.
    const auto earlier = std::find_if(kept_.begin(), kept_.end(), [&](const CachedLayer& k) {
        return !k.used && image->width * image->height >= shared_pixels && k.image->width == image->width &&
               k.image->height == image->height;
    });
    if (earlier != kept_.end()) {
        glBindTexture(GL_TEXTURE_2D, earlier->name);
        upload_difference(*earlier->image, *image);
        earlier->image = image;
        earlier->used = true;
        return earlier->name;
    }
    CachedLayer& made = kept_.emplace_back(CachedLayer{image});
    glGenTextures(1, &made.name);
    glBindTexture(GL_TEXTURE_2D, made.name);
    for (const GLenum side : {GLenum{GL_TEXTURE_WRAP_S}, GLenum{GL_TEXTURE_WRAP_T}})
        glTexParameteri(GL_TEXTURE_2D, side, GL_CLAMP_TO_EDGE);
    for (const GLenum filter : {GLenum{GL_TEXTURE_MIN_FILTER}, GLenum{GL_TEXTURE_MAG_FILTER}})
        glTexParameteri(GL_TEXTURE_2D, filter, GL_NEAREST);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, image->width, image->height, 0, GL_RGBA, GL_UNSIGNED_BYTE,
                 image->rgba.data());
    return made.name;
}

void TextureCache::begin_frame() {
    std::erase_if(kept_, [](const CachedLayer& k) {
        if (!k.used) glDeleteTextures(1, &k.name);
        return !k.used;
    });
    for (CachedLayer& k : kept_) k.used = false;
}

}  // namespace convlens
