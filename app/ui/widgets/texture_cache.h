/// Images as OpenGL textures while they are drawn.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// Keeps a texture for each image that was requested in this frame or the previous one. Requires the window's OpenGL
/// context.
class TextureCache {
  public:
    TextureCache() = default;
    TextureCache(const TextureCache&) = delete;
    TextureCache& operator=(const TextureCache&) = delete;
    ~TextureCache();

    /// Returns the OpenGL name of a texture with the image's pixels; 0 if `image` is null.
    unsigned of(const std::shared_ptr<const Image>& image);

    /// Deletes textures that the last frame did not request. Call once per frame, before drawing.
    void begin_frame();

  private:
    struct CachedLayer {
        std::shared_ptr<const Image> image;
        unsigned name = 0;
        bool used = true;
    };
    std::vector<CachedLayer> kept_;
};

}  // namespace convlens
