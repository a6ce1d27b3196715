/// Uploads images as textures.
#include "app/ui/widgets/texture_cache.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "app/ui/gl.h"

namespace convlens {
namespace {

constexpr int shared_pixels = 256 * 256;  ///< Minimum of an image whose texture a new version takes over.

/// Uploads the pixels in which an image differs from the one of the same size in the bound texture: one rectangle for
/// each group of rows that differ, such as a row of cells of the grid.
void upload_difference(const Image& before, const Image& after) {
    const auto same = [&](int y, int begin, int end) {
        return std::memcmp(before.pixel(begin, y), after.pixel(begin, y), static_cast<std::size_t>(end - begin) * 4) ==
               0;
    };
    const auto same_row = [&](int y) { return same(y, 0, after.width); };
    constexpr int step = 16, between = 2;  // rows that are equal between two groups
    glPixelStorei(GL_UNPACK_ROW_LENGTH, after.width);
    for (int top = 0; top < after.height; ++top) {
        if (same_row(top)) continue;
        int bottom = top + 1;
        for (int y = bottom; y < after.height && y < bottom + between; ++y)
            if (!same_row(y)) bottom = y + 1;
        const auto same_columns = [&](int begin, int end) {
            for (int y = top; y < bottom; ++y)
                if (!same(y, begin, end)) return false;
            return true;
        };
        int left = 0, right = after.width;
        while (left + step < right && same_columns(left, left + step)) left += step;
        while (right - step > left && same_columns(right - step, right)) right -= step;
        glTexSubImage2D(GL_TEXTURE_2D, 0, left, top, right - left, bottom - top, GL_RGBA, GL_UNSIGNED_BYTE,
                        after.pixel(left, top));
        top = bottom;
    }
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
    ++uploads_;
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
