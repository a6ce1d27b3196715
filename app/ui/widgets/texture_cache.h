/// Pictures as OpenGL textures, while they are drawn.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/image.h"

namespace convlens {

/// Keeps a texture for each picture that was asked for in this frame or the one before. Needs the window's OpenGL
/// context.
class TextureCache {
  public:
    TextureCache() = default;
    TextureCache(const TextureCache&) = delete;
    TextureCache& operator=(const TextureCache&) = delete;
    ~TextureCache();

    /// OpenGL's name of the texture with the picture's pixels; 0 without a picture.
    unsigned of(const std::shared_ptr<const Image>& image);

    /// Lets go of what the last frame did not ask for. Once a frame, before it is drawn.
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
