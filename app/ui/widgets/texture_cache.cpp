/// Uploads images as textures.
#include "app/ui/widgets/texture_cache.h"

#include <algorithm>

#include "app/ui/gl.h"

namespace convlens {

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
